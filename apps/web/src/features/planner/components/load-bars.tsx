import type { Plan } from "@octet/shared/planning/plan";
import { type ResourceLoad, resources } from "@octet/shared/planning/resources";
import { cn } from "@/lib/cn";
import { bytes, count } from "@/lib/format";
import { resourceColours, resourceNames, SourceChip, shareText } from "./look";

export function amount(value: number, unit: ResourceLoad["unit"]): string {
  if (unit === "bytes") return bytes(value);
  if (unit === "bytes/s") return `${bytes(value)}/s`;
  return `${count(Math.round(value))} ${unit}`;
}

/** The 100 % line stands where every bar has room for half as much again, or more where the worst needs it. */
const scaleOf = (loads: Plan["loads"]): number => Math.min(4, Math.max(1.5, ...resources.map((resource) => loads[resource].load * 1.05)));

/** Load of each resource against its 100 % line. */
export function LoadBars({ plan }: { plan: Plan }) {
  const scale = scaleOf(plan.loads);
  const ceiling = 1 - plan.input.reserve;
  return (
    <ul className="grid gap-3.5">
      {resources.map((resource) => {
        const { load, headroom, used, capacity, unit, streams, source } = plan.loads[resource];
        const over = load > ceiling + 1e-9;
        return (
          <li key={resource}>
            <div className="flex flex-wrap items-baseline gap-x-2 text-sm">
              <span className={cn("font-medium", resource === plan.bottleneck && "underline decoration-2 underline-offset-4")}>
                {resourceNames[resource]}
              </span>
              <SourceChip source={source} />
              <span className={cn("ml-auto font-mono font-medium", over && "text-bad")}>{shareText(load)}</span>
            </div>
            <div
              className="relative mt-1.5 h-3 rounded-sm bg-raised"
              role="img"
              aria-label={`${resourceNames[resource]}: ${shareText(load)} of ${amount(capacity, unit)}`}
            >
              <div
                className="absolute inset-y-0 left-0 rounded-sm transition-[width]"
                style={{ width: `${Math.min(1, load / scale) * 100}%`, background: over ? "var(--bad)" : resourceColours[resource] }}
              />
              <div className="absolute -inset-y-1 w-px bg-ink" style={{ left: `${100 / scale}%` }} />
              {plan.input.reserve > 0 && (
                <div className="absolute -inset-y-1 border-l border-dashed border-muted" style={{ left: `${(ceiling / scale) * 100}%` }} />
              )}
            </div>
            <p className="mt-1 flex flex-wrap justify-between gap-x-3 text-xs text-muted">
              <span>
                {unit === "frames/s" ? count(Math.round(used)) : amount(used, unit)} of {amount(capacity, unit)}
              </span>
              <span>
                {headroom >= 0 ? `${Math.round(headroom * 100)} % free` : `${shareText(-headroom)} too much`} ·{" "}
                {streams === null ? "any number of cameras" : `enough for ${count(streams)}`}
              </span>
            </p>
          </li>
        );
      })}
      <li aria-hidden className="relative h-4 font-mono text-[0.68rem] text-muted">
        <span className="absolute -translate-x-1/2" style={{ left: `${100 / scale}%` }}>
          100 %
        </span>
      </li>
    </ul>
  );
}
