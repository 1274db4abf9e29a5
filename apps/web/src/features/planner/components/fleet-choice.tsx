"use client";
import { THIS_HOST } from "@octet/shared/planning/gpu-catalogue";
import { useQuery } from "@tanstack/react-query";
import { Select } from "@/components/ui/controls";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import type { PlanForm } from "../schema";

/** Takes the rates of one of this fleet's hosts into the form. */
export function FleetChoice({ form, change }: { form: PlanForm; change(patch: Partial<PlanForm>): void }) {
  const trpc = useTRPC();
  const { data: hosts, error } = useQuery(trpc.planner.fleet.queryOptions());
  const take = (id: string): void => {
    const host = hosts?.find((candidate) => candidate.id === id);
    if (!host?.inference) {
      change({ measuredOn: "", inferenceRate: "", decodeRate: "" });
      return;
    }
    const { inference, gpu, memoryBytes, decodedPerSecond } = host;
    change({
      gpu,
      model: inference.model,
      precision: inference.precision,
      inferenceRate: inference.framesPerSecond.toFixed(1),
      // A card's decoder has published rates; of a CPU only what it decodes now is known: it can at least that.
      decodeRate: gpu === THIS_HOST && decodedPerSecond ? decodedPerSecond.toFixed(0) : "",
      memoryGb: (memoryBytes / 1e9).toFixed(1),
      measuredOn: inference.from,
    });
  };
  const chosen = hosts?.find(({ inference }) => inference !== null && inference.from === form.measuredOn)?.id ?? "";
  const help = error
    ? errorInfo(error).message
    : form.measuredOn && form.gpu === THIS_HOST
      ? "Its decode rate is what it decodes now: it can at least that"
      : hosts?.length === 0
        ? "No worker has joined yet"
        : form.measuredOn;
  return (
    <div className="col-span-2">
      <Field label="On this fleet" help={help}>
        <Select value={chosen} onChange={(event) => take(event.target.value)}>
          <option value="">–</option>
          {hosts?.map(({ id, name, online, inference }) => (
            <option key={id} value={id} disabled={inference === null}>
              {name}
              {inference
                ? ` · ${inference.framesPerSecond.toFixed(0)} frames/s, ${inference.precision.toUpperCase()}`
                : online
                  ? " · too idle to tell"
                  : " · away"}
            </option>
          ))}
        </Select>
      </Field>
    </div>
  );
}
