import { precisionFormats } from "@octet/shared/planning/precision";
import type { comparePrecisions } from "@octet/shared/planning/sweep";
import { cn } from "@/lib/cn";
import { bytes, count } from "@/lib/format";
import { resourceNames, shareText } from "./look";

type Compared = ReturnType<typeof comparePrecisions>;

const rows: readonly { title: string; of(plan: NonNullable<Compared[number]["plan"]>): string }[] = [
  { title: "Cameras that fit", of: (plan) => count(plan.streams) },
  { title: "Bottleneck", of: (plan) => resourceNames[plan.bottleneck] },
  { title: "Decode load", of: (plan) => shareText(plan.loads.decode.load) },
  { title: "Compute load", of: (plan) => shareText(plan.loads.compute.load) },
  { title: "GPU utilisation", of: (plan) => shareText(plan.utilisation.gpu) },
  { title: "Inference rate", of: (plan) => `${count(Math.round(plan.loads.compute.capacity))}/s` },
  { title: "Memory", of: (plan) => bytes(plan.memory.total) },
  { title: "One frame", of: (plan) => bytes(plan.bandwidth.frameBytes) },
  { title: "Frames moved", of: (plan) => `${bytes(plan.bandwidth.tensorBytesPerSecond)}/s` },
  { title: "Latency", of: (plan) => `${Math.round(plan.latency.total)} ms` },
];

/** FP32, FP16 and INT8 side by side, all else being equal. */
export function PrecisionTable({ compared, chosen }: { compared: Compared; chosen: string }) {
  const column = (precision: string): string => cn("px-2 py-1.5 text-right", precision === chosen && "bg-raised");
  return (
    <div className="overflow-x-auto">
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b border-line">
            <th scope="col" className="py-1.5 text-left font-normal text-muted">
              <span className="sr-only">Figure</span>
            </th>
            {compared.map(({ precision, plan }) => (
              <th key={precision} scope="col" className={cn(column(precision), "font-medium")}>
                {precisionFormats[precision].name}
                <span className={cn("block text-xs font-normal", plan?.fits ? "text-ok" : "text-bad")}>
                  {plan ? (plan.fits ? "fits" : "no") : "unknown"}
                </span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ title, of }) => (
            <tr key={title} className="border-b border-line/60">
              <th scope="row" className="py-1.5 text-left font-normal text-muted">
                {title}
              </th>
              {compared.map(({ precision, plan, reason }) => (
                <td key={precision} className={cn(column(precision), "font-mono text-xs")} title={reason ?? undefined}>
                  {plan ? of(plan) : "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
