import type { Plan } from "@octet/shared/planning/plan";
import { precisionFormats } from "@octet/shared/planning/precision";
import type { comparePrecisions } from "@octet/shared/planning/sweep";
import { cn } from "@/lib/cn";
import { partColours } from "./look";

/** A figure that is a sum of parts: a bar for each precision against the same limit, and the parts as numbers. */
export function PartBars<Part extends string>({
  names,
  compared,
  chosen,
  of,
  limit,
  text,
}: {
  names: Readonly<Record<Part, string>>;
  compared: ReturnType<typeof comparePrecisions>;
  chosen: string;
  of(plan: Plan): Readonly<Record<Part | "total", number>>;
  /** What there is of it. */
  limit: { value: number; name: string };
  text(value: number): string;
}) {
  const parts = Object.keys(names) as Part[];
  const totals = compared.flatMap(({ plan }) => (plan ? [of(plan).total] : []));
  // Where one is far beyond the limit, the others must still be seen.
  const scale = Math.min(Math.max(limit.value, ...totals) * 1.05, 4 * limit.value);
  const width = (value: number): string => `${(value / scale) * 100}%`;
  return (
    <>
      <ul className="grid gap-2">
        {compared.map(({ precision, plan, reason }) => (
          <li key={precision} className="grid grid-cols-[2.5rem_1fr_4rem] items-center gap-2 text-xs">
            <span className={cn(precision === chosen ? "font-medium" : "text-muted")}>{precisionFormats[precision].name}</span>
            <span className="relative h-4">
              <span
                className="flex h-full overflow-hidden rounded-sm bg-raised"
                role="img"
                aria-label={plan ? parts.map((part) => `${names[part]}: ${text(of(plan)[part])}`).join(", ") : (reason ?? "not known")}
              >
                {plan &&
                  parts.map((part, index) => (
                    <span
                      key={part}
                      className="shrink-0"
                      style={{ width: width(of(plan)[part]), background: partColours[index] }}
                      title={`${names[part]}: ${text(of(plan)[part])}`}
                    />
                  ))}
              </span>
              <span className="absolute -inset-y-1 w-px bg-ink" style={{ left: width(limit.value) }} />
            </span>
            <span className={cn("text-right font-mono", plan && of(plan).total > limit.value && "text-bad")}>
              {plan ? text(of(plan).total) : "–"}
            </span>
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-right text-xs text-muted">
        The line: {text(limit.value)} {limit.name}
      </p>
      <table className="mt-3 w-full text-xs">
        <thead className="text-muted">
          <tr className="border-b border-line text-right [&_th]:px-1.5 [&_th]:py-1 [&_th]:font-normal">
            <th scope="col" className="text-left">
              Part
            </th>
            {compared.map(({ precision }) => (
              <th key={precision} scope="col">
                {precisionFormats[precision].name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {parts.map((part, index) => (
            <tr key={part} className="border-b border-line/60">
              <th scope="row" className="py-1 text-left font-normal">
                <span className="flex items-center gap-2">
                  <span className="size-2 shrink-0 rounded-full" style={{ background: partColours[index] }} />
                  <span className="first-letter:uppercase">{names[part]}</span>
                </span>
              </th>
              {compared.map(({ precision, plan }) => (
                <td key={precision} className={cn("px-1.5 text-right font-mono whitespace-nowrap", precision === chosen && "bg-raised")}>
                  {plan && of(plan)[part] > 0 ? text(of(plan)[part]) : "–"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
