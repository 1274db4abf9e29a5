"use client";
import type { DecodeMeasurement } from "@octet/shared/planning/fleet";
import type { FleetReport } from "@octet/shared/planning/fleet-report";
import { pixels } from "@octet/shared/planning/frame-size";
import { THIS_HOST } from "@octet/shared/planning/gpu-catalogue";
import { Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { errorInfo } from "@/lib/trpc";
import { codedSize, type PlanForm } from "../schema";

/** At the size that the form has; empty of another codec, or where that cannot be read. */
function decodeRateFor({ codec, size, framesPerSecond }: DecodeMeasurement, form: PlanForm): string {
  const coded = codedSize(form);
  return coded && codec === form.codec ? ((framesPerSecond * pixels(size)) / pixels(coded)).toFixed(0) : "";
}

/** Takes the rates of one of this fleet's benchmarks, or of a host as it runs now, into the form. */
export function FleetChoice({
  form,
  change,
  fleet,
  error,
}: {
  form: PlanForm;
  change(patch: Partial<PlanForm>): void;
  fleet: FleetReport | null;
  error: unknown;
}) {
  const take = (id: string): void => {
    const benchmark = fleet?.benchmarks.find((candidate) => candidate.id === id);
    const host = fleet?.hosts.find((candidate) => (benchmark ? candidate.hostname === benchmark.host : candidate.id === id));
    const measured = benchmark ?? host;
    if (!measured?.inference) {
      change({ measuredOn: "", inferenceRate: "", decodeRate: "" });
      return;
    }
    const { inference, gpu } = measured;
    change({
      gpu,
      model: inference.model,
      precision: inference.precision,
      inferenceRate: inference.framesPerSecond.toFixed(1),
      // A card's decoder has published rates; of any other host what was measured is all there is.
      decodeRate: gpu === THIS_HOST && host?.decode ? decodeRateFor(host.decode, form) : "",
      ...(host ? { memoryGb: (host.memoryBytes / 1e9).toFixed(1) } : {}),
      measuredOn: inference.from,
    });
  };
  const choices = [...(fleet?.benchmarks ?? []), ...(fleet?.hosts ?? [])];
  const chosen = choices.find(({ inference }) => inference !== null && inference.from === form.measuredOn)?.id ?? "";
  const help = error
    ? errorInfo(error).message
    : form.measuredOn && form.gpu === THIS_HOST
      ? "Its decode rate is what its decoders would do if they were always busy"
      : choices.length === 0 && fleet
        ? "No worker has joined yet"
        : form.measuredOn;
  return (
    <div className="col-span-2">
      <Field label="On this fleet" help={help}>
        <Select value={chosen} onChange={(event) => take(event.target.value)}>
          <option value="">–</option>
          {fleet && fleet.benchmarks.length > 0 && (
            <optgroup label="Benchmarks">
              {fleet.benchmarks.map(({ id, host, profile, inference }) => (
                <option key={id} value={id}>
                  {`${profile} on ${host} · ${inference.framesPerSecond.toFixed(0)} frames/s`}
                </option>
              ))}
            </optgroup>
          )}
          <optgroup label="Hosts as they run now">
            {fleet?.hosts.map(({ id, name, online, inference }) => (
              <option key={id} value={id} disabled={inference === null}>
                {name}
                {inference
                  ? ` · ${inference.framesPerSecond.toFixed(0)} frames/s, ${inference.precision.toUpperCase()}`
                  : online
                    ? " · too idle to tell"
                    : " · away"}
              </option>
            ))}
          </optgroup>
        </Select>
      </Field>
    </div>
  );
}
