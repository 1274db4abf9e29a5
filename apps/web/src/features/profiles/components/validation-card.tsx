import { apName } from "@octet/shared/domain/ap-name";
import { Card } from "@/components/ui/controls";
import { Disagreements } from "./disagreements";
import type { Profile } from "./figures";
import { PseudoLabels } from "./pseudo-labels";
import { VersionLink } from "./version-link";

type Validation = NonNullable<Profile["validation"]>;

const points = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : value.toFixed(2));

/**
 * Accuracy against FP32, figure by figure, and the images on which the two disagree most.
 * @param on what it was validated on; null where that is gone
 * @param maxDropPoints what the gate lets go; more is red
 */
export function ValidationCard({
  validation,
  on,
  maxDropPoints,
}: {
  validation: Validation;
  on: Profile["validatedOn"];
  maxDropPoints: number;
}) {
  const { subject, reference, drop, disagreements, pseudoLabels } = validation;
  const rows = [
    ...Object.keys(subject.ap).map((name) => ({
      name: apName(name),
      subject: subject.ap[name],
      reference: reference.ap[name],
      drop: drop[name],
    })),
    { name: "Precision", subject: subject.precision, reference: reference.precision, drop: undefined },
    { name: "Recall", subject: subject.recall, reference: reference.recall, drop: undefined },
    { name: "Misses", subject: subject.missRate, reference: reference.missRate, drop: undefined },
    { name: "False positives", subject: subject.falsePositiveRate, reference: reference.falsePositiveRate, drop: undefined },
  ];
  return (
    <Card className="min-w-0 p-5">
      <h2 className="flex flex-wrap items-center gap-2 font-medium">Accuracy {pseudoLabels && <PseudoLabels />}</h2>
      <p className="mt-1 text-xs text-muted">
        {on && (
          <>
            On <VersionLink of={on} />:{" "}
          </>
        )}
        {subject.images} images, {subject.faces} objects{pseudoLabels && ", labelled by the FP32 model itself (pseudo-labels)"}; rates at
        score {subject.threshold}. The interval is a 95 % bootstrap over images.
      </p>
      <div className="mt-3 overflow-x-auto">
        <table className="w-full text-sm sm:min-w-[26rem]">
          <thead className="text-left text-xs text-muted [&_th]:font-normal">
            <tr>
              <th scope="col">Percent</th>
              <th scope="col">FP32</th>
              <th scope="col">This</th>
              <th scope="col">Lost</th>
              <th scope="col" className="hidden sm:table-cell">
                <span className="sr-only">Interval</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} className="border-t border-line/60">
                <th scope="row" className="py-1.5 text-left font-normal">
                  {row.name}
                </th>
                <td className="font-mono text-xs">{points(row.reference)}</td>
                <td className="font-mono text-xs">{points(row.subject)}</td>
                <td className="font-mono text-xs">
                  {row.drop && points(row.drop.points)}
                  <span className="block w-20 sm:hidden">{row.drop && <Interval {...row.drop} limit={maxDropPoints} />}</span>
                </td>
                <td className="hidden w-40 sm:table-cell">{row.drop && <Interval {...row.drop} limit={maxDropPoints} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Disagreements disagreements={disagreements} />
    </Card>
  );
}

/** Points lost with their interval; the line is at nought. */
function Interval({ points: value, low, high, limit }: { points: number; low: number; high: number; limit: number }) {
  const reach = Math.max(2, Math.abs(low), Math.abs(high));
  const at = (point: number): number => ((point + reach) / (2 * reach)) * 100;
  return (
    <svg viewBox="0 0 100 10" className="h-3 w-full" role="img" aria-label={`between ${low.toFixed(2)} and ${high.toFixed(2)} points`}>
      <line x1={50} x2={50} y1={0} y2={10} className="stroke-line" />
      <line x1={at(low)} x2={at(high)} y1={5} y2={5} className="stroke-muted" strokeWidth={1.5} />
      <circle cx={at(value)} cy={5} r={3} className={value > limit ? "fill-bad" : "fill-accent"} />
    </svg>
  );
}
