import type { Plan } from "@octet/shared/planning/plan";
import { type Precision, precisionFormats } from "@octet/shared/planning/precision";
import { recommendations } from "@octet/shared/planning/recommendations";
import { streamRuns } from "@octet/shared/planning/reference-runs";
import { cn } from "@/lib/cn";

/** Says why only where the tree and every row that this plan is a case of say the same. */
export function recommendationTitle({ advice, recommendations: applying }: Plan["explanation"]): string {
  const said = recommendations.filter(({ id }) => applying.includes(id));
  const agreed = said.length > 0 && said.every(({ precision }) => precision === advice.precision);
  return agreed ? `Why ${precisionFormats[advice.precision].name}: what is recommended for what` : "What is recommended for what";
}

/** Which precision for what; the rows that this plan is a case of stand out. */
export function RecommendationTable({ applying }: { applying: readonly string[] }) {
  return (
    <>
      <table className="w-full text-sm">
        <thead className="text-xs text-muted">
          <tr className="border-b border-line text-left [&_th]:px-2 [&_th]:py-1.5 [&_th]:font-normal">
            <th scope="col">For</th>
            <th scope="col">Precision</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {recommendations.map(({ id, scenario, precision, reason }) => {
            const applies = applying.includes(id);
            return (
              <tr
                key={id}
                aria-current={applies ? "true" : undefined}
                className={cn("border-b border-line/60 align-top [&_td]:px-2 [&_td]:py-1.5", applies ? "bg-accent/12" : "text-muted")}
              >
                <td className={cn(applies && "border-l-2 border-accent font-medium")}>{scenario}</td>
                <td className="font-mono text-xs leading-5">{precisionFormats[precision].name}</td>
                <td>{reason}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {applying.length === 0 && (
        <p className="mt-3 text-xs text-muted">No row is about this plan: between them the decision tree decides.</p>
      )}
    </>
  );
}

/** What a published run on an A10 held, to compare with. @param difference from this plan, and why */
export function PublishedRuns({ difference, chosen }: { difference: string | null; chosen: Precision }) {
  return (
    <>
      <table className="w-full text-sm">
        <caption className="pb-2 text-left text-xs text-muted">
          A published run of 70 cameras on an A10: 1080p decoded at 960×540, 5 inferred a second, YOLOv5s-face.
        </caption>
        <thead className="text-xs text-muted">
          <tr className="border-b border-line text-right [&_th]:py-1.5 [&_th]:font-normal">
            <th scope="col" className="text-left">
              Precision
            </th>
            <th scope="col">Held</th>
            <th scope="col">GPU</th>
            <th scope="col">Memory</th>
            <th scope="col">Latency</th>
          </tr>
        </thead>
        <tbody className="font-mono text-xs">
          {streamRuns.map(({ precision, streams, gpuLoad, memoryGigabytes, latencyMs }) => (
            <tr key={precision} className={cn("border-b border-line/60 text-right [&_td]:py-1.5", precision === chosen && "bg-raised")}>
              <td className="text-left">{precisionFormats[precision].name}</td>
              <td>{streams}</td>
              <td>{Math.round(gpuLoad * 100)} %</td>
              <td>{memoryGigabytes === null ? "out" : `${memoryGigabytes} GB`}</td>
              <td>{latencyMs === null ? "–" : `${latencyMs} ms`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {difference && <p className="mt-3 text-xs">{difference}</p>}
    </>
  );
}
