"use client";
import { Chip } from "@/components/ui/controls";
import { Link } from "@/components/ui/link";
import { cn } from "@/lib/cn";
import { bytes, ms } from "@/lib/format";
import { mainAp, type Profile, precisionNames } from "./figures";
import { PseudoLabels } from "./pseudo-labels";
import { usePlaces } from "./use-places";

const tones: Partial<Record<Profile["state"], string>> = { promoted: "text-ok", rejected: "text-bad", shadow: "text-warn" };

/** The profiles of one model side by side: what each costs and gives. */
export function ProfileTable({ profiles }: { profiles: readonly Profile[] }) {
  const { nameOf } = usePlaces();
  const float = profiles.find(({ precision }) => precision === "fp32");
  const rows: { label: string; of(profile: Profile): React.ReactNode }[] = [
    {
      label: "State",
      of: ({ state, reason }) => (
        <span className={tones[state]} title={reason ?? undefined}>
          {state}
        </span>
      ),
    },
    { label: "Size", of: ({ sizeBytes }) => (sizeBytes === null ? "–" : `${bytes(sizeBytes)}${shareOf(sizeBytes, float?.sizeBytes)}`) },
    { label: "Peak memory", of: ({ benchmark }) => (benchmark ? bytes(benchmark.peakMemoryBytes) : "–") },
    {
      label: "Latency p50 / p99",
      of: ({ benchmark }) =>
        benchmark?.batches[0] ? `${ms(benchmark.batches[0].latencyMs.p50)} / ${ms(benchmark.batches[0].latencyMs.p99)}` : "–",
    },
    {
      label: "Throughput",
      of: ({ benchmark }) =>
        benchmark ? `${Math.max(...benchmark.batches.map(({ imagesPerSecond }) => imagesPerSecond)).toFixed(1)} images/s` : "–",
    },
    {
      label: "Gain over what it was held against",
      of: ({ benchmark }) => (benchmark?.reference ? `${benchmark.reference.speedup.toFixed(2)}×` : "–"),
    },
    {
      label: "Streams that hold",
      of: ({ benchmark }) =>
        benchmark?.streams ? `${benchmark.streams.held} at ${benchmark.streams.fps} fps, p99 ≤ ${benchmark.streams.budgetMs} ms` : "–",
    },
    {
      label: "Power",
      of: ({ benchmark }) => (!benchmark ? "–" : benchmark.powerWatts === null ? "not told" : `${benchmark.powerWatts.toFixed(0)} W`),
    },
    {
      label: "AP",
      of: (profile) => (
        <span className="flex flex-wrap items-center gap-1.5">
          {apText(profile)} {profile.validation?.pseudoLabels && <PseudoLabels short />}
        </span>
      ),
    },
    { label: "False positives", of: ({ validation }) => (validation ? `${validation.subject.falsePositiveRate.toFixed(1)} %` : "–") },
    { label: "Misses", of: ({ validation }) => (validation ? `${validation.subject.missRate.toFixed(1)} %` : "–") },
    {
      label: "Gate",
      of: ({ gate, precision }) =>
        precision === "fp32" ? (
          "the reference"
        ) : gate.passed ? (
          <span className="text-ok">passed</span>
        ) : (
          <span
            className="text-bad"
            title={gate.findings
              .filter(({ passed }) => !passed)
              .map(({ message }) => message)
              .join("; ")}
          >
            {gate.findings.filter(({ passed }) => !passed).length} open
          </span>
        ),
    },
    {
      label: "Warnings",
      of: ({ warnings }) =>
        warnings.length === 0 ? (
          "none"
        ) : (
          <span className="text-warn" title={warnings.join("\n")}>
            {warnings.length}
          </span>
        ),
    },
  ];
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm" style={{ minWidth: `${9 + 9 * profiles.length}rem` }}>
        <thead>
          <tr className="border-b border-line text-left align-bottom">
            <th className="sticky left-0 bg-surface py-2 pr-3 font-normal text-muted" scope="col">
              <span className="sr-only">Figure</span>
            </th>
            {profiles.map((profile) => (
              <th key={profile.id} scope="col" className="px-3 py-2 font-medium [overflow-wrap:anywhere]">
                <Link href={`/precision/${profile.id}`} className="hover:text-accent">
                  {profile.name}
                </Link>
                <span className="mt-1 flex flex-wrap gap-1 font-normal">
                  <Chip className="whitespace-nowrap">{precisionNames[profile.precision]}</Chip>
                  {profile.promotions.map(({ id, role, scope, scopeValue }) => (
                    <Chip key={id} className={role === "active" ? "text-ok" : "text-warn"}>
                      {role === "active" ? "runs" : "shadow"}: {nameOf(scope, scopeValue)}
                    </Chip>
                  ))}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, of }) => (
            <tr key={label} className="border-b border-line/60">
              <th scope="row" className="sticky left-0 min-w-32 bg-surface py-1.5 pr-3 text-left text-xs font-normal text-muted">
                {label}
              </th>
              {profiles.map((profile) => (
                <td key={profile.id} className={cn("px-3 py-1.5 font-mono text-xs")}>
                  {of(profile)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const shareOf = (size: number, float: number | null | undefined): string =>
  float && float !== size ? ` (${((100 * size) / float).toFixed(0)} %)` : "";

function apText(profile: Profile): string {
  const main = mainAp(profile);
  if (!main) return "–";
  const drop = main.reference - main.subject;
  return `${main.subject.toFixed(2)}${main.name === "ap" ? "" : ` ${main.name}`} (${drop > 0 ? "−" : "+"}${Math.abs(drop).toFixed(2)})`;
}
