import { escapeHtml } from "@octet/shared/html/escape";
import type { ActivationReport, ReportHistogram, WeightReport } from "../report.ts";
import { decibels, percent, short } from "./escape.ts";

const WIDTH = 320;
const HEIGHT = 110;

/** One plot that can be picked by its name. */
export interface Panel {
  name: string;
  figure: string;
}

/** Weights of a layer before and after, worst SQNR first. */
export function weightPanels(weights: readonly WeightReport[]): Panel[] {
  return [...weights]
    .sort((a, b) => a.sqnrDb - b.sqnrDb)
    .map((weight) => {
      const { before, after, channels, sqnrDb, scaleMin, scaleMax, name, bits } = weight;
      const facts = `${decibels(sqnrDb)} · ${channels} channels · ${bits} bits · scales ${short(scaleMin)} to ${short(scaleMax)}`;
      return { name, figure: figure(name, facts, plot(name, before, after, null)) };
    });
}

/** Activations with the chosen range, those first that lose most to clipping. */
export function activationPanels(activations: readonly ActivationReport[]): Panel[] {
  return activations
    .filter(({ histogram }) => histogram !== null)
    .sort((a, b) => (b.clippedShare ?? 0) - (a.clippedShare ?? 0))
    .map(({ value, range, observed, scale, zeroPoint, dataType, clippedShare, histogram }) => {
      const seen = observed ? ` · seen ${short(observed.min)} to ${short(observed.max)}` : "";
      const facts = `clipped ${percent(clippedShare, 3)} · range ${short(range.min)} to ${short(range.max)}${seen} · ${dataType}, scale ${short(scale)}, zero point ${zeroPoint}`;
      return { name: value, figure: figure(value, facts, plot(value, histogram!, clipped(histogram!, range), range)) };
    });
}

const figure = (name: string, facts: string, svg: string): string =>
  `<figure>${svg}<figcaption><b title="${escapeHtml(name)}">${escapeHtml(name)}</b><span>${facts}</span></figcaption></figure>`;

/** What clipping does to the counts: all that lies outside moves to the range's ends. */
export function clipped({ start, width, counts }: ReportHistogram, { min, max }: { min: number; max: number }): ReportHistogram {
  const moved = new Array<number>(counts.length).fill(0);
  const binOf = (value: number): number => Math.max(0, Math.min(counts.length - 1, Math.floor((value - start) / width)));
  for (const [k, count] of counts.entries()) {
    const centre = start + (k + 0.5) * width;
    moved[centre < min ? binOf(min) : centre > max ? binOf(max) : k]! += count;
  }
  return { start, width, counts: moved };
}

/** Counts on a logarithmic scale: before as a surface, after as a line; the range as a band. */
function plot(name: string, before: ReportHistogram, after: ReportHistogram, range: { min: number; max: number } | null): string {
  const { start, counts } = before;
  // A tensor of zeros has one bin without a width.
  const width = before.width || 1;
  const end = start + counts.length * width;
  const x = (value: number): number => Math.max(0, Math.min(WIDTH, ((value - start) / (end - start)) * WIDTH));
  const top = Math.log1p(Math.max(1, ...before.counts, ...after.counts));
  const steps = (values: readonly number[]): string =>
    values
      .map((count, k) => `V${(HEIGHT - (Math.log1p(count) / top) * (HEIGHT - 6)).toFixed(1)}H${x(start + (k + 1) * width).toFixed(1)}`)
      .join("");
  const band = range
    ? `<rect class="band" x="${x(range.min).toFixed(1)}" width="${(x(range.max) - x(range.min)).toFixed(1)}" height="${HEIGHT}"/>`
    : "";
  const zero = start < 0 && end > 0 ? `<line class="grid" x1="${x(0).toFixed(1)}" x2="${x(0).toFixed(1)}" y2="${HEIGHT}"/>` : "";
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 16}" role="img" aria-label="Distribution of ${escapeHtml(name)} before and after">${band}${zero}<path class="before" d="M0 ${HEIGHT}${steps(counts)}V${HEIGHT}Z"/><path class="after" d="M0 ${HEIGHT}${steps(after.counts)}V${HEIGHT}"/><line class="axis" x2="${WIDTH}" y1="${HEIGHT}" y2="${HEIGHT}"/><text x="0" y="${HEIGHT + 13}">${short(start)}</text><text x="${WIDTH}" y="${HEIGHT + 13}" text-anchor="end">${short(end)}</text></svg>`;
}
