import { escapeHtml } from "@octet/shared/html/escape";
import { paretoFront } from "../mixed-precision.ts";
import type { QuantizationReport, SearchStepReport } from "../report.ts";
import { fixed } from "./escape.ts";

const WIDTH = 400;
const HEIGHT = 240;
const LEFT = 40;
const TOP = 24;
const BOTTOM = 36;

interface Point {
  latencyMs: number;
  drop: number;
  style: "step" | "chosen" | "float";
  words: string;
}

/** Drop against latency of all that was measured, with the line of what nothing beats; "" where there are not two points. */
export function tradeOffChart({ search, latency, accuracy }: Pick<QuantizationReport, "search" | "latency" | "accuracy">): string {
  const points: Point[] = search.flatMap((step) => (step.drop !== null && step.latencyMs !== null ? [pointOf(step)] : []));
  if (latency) {
    points.push({ latencyMs: latency.floatMs, drop: 0, style: "float", words: "the float model" });
    if (accuracy?.length && search.length === 0) {
      const drop = Math.max(...accuracy.map((metric) => metric.drop));
      points.push({ latencyMs: latency.quantisedMs, drop, style: "chosen", words: "the quantised model" });
    }
  }
  if (points.length < 2) return "";
  const [left, right] = padded(points.map(({ latencyMs }) => latencyMs));
  const [low, high] = padded([0, ...points.map(({ drop }) => drop)]);
  const x = (ms: number): number => LEFT + ((ms - left) / (right - left)) * (WIDTH - LEFT - 8);
  const y = (drop: number): number => TOP + ((drop - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
  const across = ticks(low, high).map(
    (drop) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(drop).toFixed(1)}" y2="${y(drop).toFixed(1)}"/><text x="${LEFT - 5}" y="${(y(drop) + 4).toFixed(1)}" text-anchor="end">${short(drop)}</text>`,
  );
  const up = ticks(left, right).map(
    (ms) =>
      `<line class="grid" x1="${x(ms).toFixed(1)}" x2="${x(ms).toFixed(1)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text x="${x(ms).toFixed(1)}" y="${HEIGHT - BOTTOM + 13}" text-anchor="middle">${short(ms)}</text>`,
  );
  const front = paretoFront(points).map(({ latencyMs, drop }) => `${x(latencyMs).toFixed(1)},${y(drop).toFixed(1)}`);
  // The chosen one last, so that it lies on top.
  const order = { step: 0, float: 1, chosen: 2 };
  const marks = points
    .toSorted((a, b) => order[a.style] - order[b.style])
    .map(({ latencyMs, drop, style, words }) => {
      const title = escapeHtml(`${words}: ${fixed(latencyMs, 2)} ms, ${fixed(drop, 2)} points lost`);
      return `<circle class="${style}" cx="${x(latencyMs).toFixed(1)}" cy="${y(drop).toFixed(1)}" r="${style === "step" ? 4 : 6}"><title>${title}</title></circle>`;
    });
  const names = `<text x="${WIDTH}" y="${HEIGHT - 6}" text-anchor="end">milliseconds an image</text><text x="0" y="11">points lost (lower down is worse)</text>`;
  return `<svg class="trade" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Accuracy lost against latency, ${points.length} models">${across.join("")}${up.join("")}<polyline class="front" points="${front.join(" ")}"/>${marks.join("")}${names}</svg><ul class="legend"><li><i class="chosen"></i>chosen</li><li><i class="step"></i>measured on the way</li>${latency ? '<li><i class="floatmark"></i>float model</li>' : ""}<li><i class="frontmark"></i>nothing beats these</li></ul>`;
}

function pointOf({ latencyMs, drop, chosen, floatGroups }: SearchStepReport): Point {
  const words = floatGroups.length === 0 ? "no group in float" : `${floatGroups.length} groups in float`;
  return { latencyMs: latencyMs!, drop: drop!, style: chosen ? "chosen" : "step", words };
}

function padded(values: readonly number[]): [number, number] {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const room = (max - min || Math.abs(max) || 1) * 0.08;
  return [min - room, max + room];
}

/** Round numbers between, about five. */
export function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (first + at) * step);
}

const short = (value: number): string => String(Number(value.toPrecision(4))).replace("-", "−");
