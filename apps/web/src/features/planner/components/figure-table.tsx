import type { Plan } from "@octet/shared/planning/plan";
import { bytes, count } from "@/lib/format";
import { SourceChip } from "./look";

function figureText(value: number, unit: string): string {
  if (unit === "bytes") return bytes(value);
  if (unit === "bytes/s") return `${bytes(value)}/s`;
  if (value >= 1e12) return `${(value / 1e12).toFixed(1)} T${unit ? ` ${unit}` : ""}`;
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G${unit ? ` ${unit}` : ""}`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M${unit ? ` ${unit}` : ""}`;
  return `${count(Number(value.toPrecision(4)))} ${unit}`;
}

/** What the plan rests on, and how it is known. */
export function FigureTable({ figures }: { figures: Plan["figures"] }) {
  return (
    <ul className="grid text-sm">
      {figures.map(({ name, value, unit, source, from }) => (
        <li
          key={name}
          className="grid grid-cols-[1fr_auto_auto] items-baseline gap-x-3 border-b border-line/60 py-1.5 md:grid-cols-[13rem_9.5rem_5rem_1fr]"
        >
          <span className="first-letter:uppercase">{name}</span>
          <span className="text-right font-mono text-xs">{figureText(value, unit)}</span>
          <span>
            <SourceChip source={source} from={from} />
          </span>
          <span className="col-span-3 text-xs break-words text-muted md:col-span-1">{from}</span>
        </li>
      ))}
    </ul>
  );
}
