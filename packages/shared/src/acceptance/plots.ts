import { apName } from "../domain/ap-name.ts";
import type { BenchmarkResult, ValidationResult } from "../domain/profile.ts";
import { bytes, figure, type Html, html } from "./html.ts";

const WIDTH = 640;
const LEFT = 54;

type Streams = NonNullable<BenchmarkResult["streams"]>;

/** p99 latency by number of streams, with the budget as a line: what held is filled, what did not is hollow. */
export function streamsPlot({ steps, budgetMs }: Streams): Html {
  const height = 200;
  const most = Math.max(1, ...steps.map(({ streams }) => streams));
  const top = Math.max(budgetMs * 1.25, Math.min(4 * budgetMs, ...steps.map(({ p99 }) => p99).toSorted((a, b) => b - a)));
  const x = (streams: number): number => LEFT + (streams / most) * (WIDTH - LEFT - 12);
  const y = (ms: number): number => 8 + (1 - Math.min(1, ms / top)) * (height - 16);
  const marks = steps.map(
    ({ streams, p99, held, droppedPercent }) =>
      html`<circle cx="${figure(x(streams), 1)}" cy="${figure(y(p99), 1)}" r="5" class="${held ? "held" : "failed"}"><title>${streams} streams: p99 ${figure(p99, 0, "ms")}, ${figure(droppedPercent, 1)} % dropped</title></circle>`,
  );
  return html`<svg viewBox="0 0 ${WIDTH} ${height + 22}" role="img" aria-label="p99 latency by number of streams"><line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${height - 8}" y2="${height - 8}"/><line class="budget" x1="${LEFT}" x2="${WIDTH}" y1="${figure(y(budgetMs), 1)}" y2="${figure(y(budgetMs), 1)}"/><text x="${LEFT - 6}" y="${figure(y(budgetMs) + 4, 1)}" text-anchor="end">${figure(budgetMs, 0, "ms")}</text><text x="${LEFT - 6}" y="${height - 4}" text-anchor="end">0</text><text x="${LEFT}" y="${height + 12}">0</text><text x="${WIDTH}" y="${height + 12}" text-anchor="end">${most} streams</text>${marks}</svg><p class="legend"><i class="held"></i> every frame inferred within the budget <i class="failed"></i> not</p>`;
}

/** Resident memory over the soak. */
export function memoryPlot({ rssBytes, seconds }: NonNullable<Streams["soak"]>): Html {
  const height = 140;
  const top = Math.max(...rssBytes) * 1.1;
  const points = rssBytes.map((value, at) => {
    const x = LEFT + (at / Math.max(1, rssBytes.length - 1)) * (WIDTH - LEFT - 12);
    return `${x.toFixed(1)},${(8 + (1 - value / top) * (height - 16)).toFixed(1)}`;
  });
  return html`<svg viewBox="0 0 ${WIDTH} ${height + 22}" role="img" aria-label="Resident memory over ${figure(seconds, 0)} seconds"><line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${height - 8}" y2="${height - 8}"/><text x="${LEFT - 6}" y="18" text-anchor="end">${bytes(top)}</text><text x="${LEFT - 6}" y="${height - 4}" text-anchor="end">0</text><text x="${WIDTH}" y="${height + 12}" text-anchor="end">${figure(seconds, 0, "s")}</text><polyline class="line" points="${points.join(" ")}"/></svg>`;
}

/** Points lost by figure with their interval; the line at nought, the gate's limit dashed. */
export function dropPlot(drop: ValidationResult["drop"], limit: number): Html {
  const rows = Object.entries(drop).map(([name, lost]) => [apName(name), lost] as const);
  const reach = Math.max(limit * 1.5, ...rows.flatMap(([, { low, high }]) => [Math.abs(low), Math.abs(high)])) * 1.05;
  const x = (points: number): number => 120 + ((points + reach) / (2 * reach)) * (WIDTH - 132);
  const height = 28 * rows.length + 8;
  const at = (points: number) => figure(x(points), 1).replace("−", "-");
  return html`<svg viewBox="0 0 ${WIDTH} ${height + 18}" role="img" aria-label="Points lost against FP32 with their 95 % interval"><line class="axis" x1="${at(0)}" x2="${at(0)}" y1="0" y2="${height}"/><line class="budget" x1="${at(limit)}" x2="${at(limit)}" y1="0" y2="${height}"/><text x="${at(0)}" y="${height + 13}" text-anchor="middle">0</text><text x="${at(limit)}" y="${height + 13}" text-anchor="middle">${figure(limit, 1)} allowed</text>${rows.map(
    ([name, { points, low, high }], row) =>
      html`<text x="0" y="${row * 28 + 22}">${name}</text><line class="line" x1="${at(low)}" x2="${at(high)}" y1="${row * 28 + 18}" y2="${row * 28 + 18}"/><circle class="${points > limit ? "failed" : "held"}" cx="${at(points)}" cy="${row * 28 + 18}" r="5"><title>${name}: ${figure(points, 2)} points lost, between ${figure(low, 2)} and ${figure(high, 2)}</title></circle>`,
  )}</svg>`;
}
