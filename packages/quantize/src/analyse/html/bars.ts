import { escapeHtml } from "@octet/shared/html/escape";
import type { LayerReport, SensitivityReport } from "../report.ts";
import { decibels, percent } from "./escape.ts";

const HEIGHT = 200;
const LEFT = 34;

/** The CSS class and the words for what a layer computes in and why. */
export function precisionOf({ precision, reason }: Pick<LayerReport, "precision" | "reason">): { style: string; words: string } {
  if (precision === "int8") return { style: "int8", words: "INT8" };
  const type = precision === "float16" ? "FP16" : "FP32";
  const why = {
    head: "detection head",
    decode: "decoding",
    unsupported: "no integer kernel",
    rule: "rule of the target",
    sensitive: "sensitive",
    slower: "slower as INT8",
  } as const;
  const style = reason === "sensitive" || reason === "slower" || reason === "head" ? reason : "float";
  return { style, words: reason ? `${type}: ${why[reason]}` : type };
}

/** One bar a layer, in the graph's order, and a legend. */
export function sqnrChart(layers: readonly LayerReport[]): string {
  const shown = layers.filter(({ sqnrDb }) => sqnrDb !== null);
  if (shown.length === 0) return `<p class="quiet">The errors of the layers were not measured.</p>`;
  const finite = shown.map(({ sqnrDb }) => sqnrDb!).filter((db) => db < 200);
  const top = Math.max(10, Math.ceil(Math.max(0, ...finite) / 10) * 10);
  const step = Math.max(4, Math.min(24, Math.floor(1080 / shown.length)));
  const width = LEFT + shown.length * step + 4;
  const y = (db: number): number => 8 + HEIGHT * (1 - Math.max(0, Math.min(top, db)) / top);
  const every = top > 60 ? 20 : 10;
  const lines = Array.from({ length: Math.floor(top / every) + 1 }, (_, at) => at * every).map(
    (db) =>
      `<line class="grid" x1="${LEFT}" x2="${width}" y1="${y(db)}" y2="${y(db)}"/><text x="${LEFT - 6}" y="${y(db) + 4}" text-anchor="end">${db}</text>`,
  );
  const bars = shown.map((layer, at) => {
    const { style, words } = precisionOf(layer);
    const from = Math.min(y(layer.sqnrDb!), 6 + HEIGHT);
    const title = escapeHtml(`${layer.name} (${layer.opType}), ${words}: ${decibels(layer.sqnrDb)}`);
    return `<rect class="${style}" x="${LEFT + at * step}" y="${from.toFixed(1)}" width="${step - (step > 5 ? 2 : 1)}" height="${(8 + HEIGHT - from).toFixed(1)}"><title>${title}</title></rect>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="SQNR by layer"><svg width="${width}" height="${HEIGHT + 16}" role="img" aria-label="SQNR in dB of ${shown.length} layers, in the order they run">${lines.join("")}${bars.join("")}</svg></div>${legend(layers)}`;
}

function legend(layers: readonly LayerReport[]): string {
  const kinds = new Map<string, { style: string; count: number }>();
  for (const layer of layers) {
    const { style, words } = precisionOf(layer);
    kinds.set(words, { style, count: (kinds.get(words)?.count ?? 0) + 1 });
  }
  const items = [...kinds].map(([words, { style, count }]) => `<li><i class="${style}"></i>${words} <b>${count}</b></li>`);
  return `<ul class="legend">${items.join("")}</ul>`;
}

const MOST = 16;

/** The groups that cost most, with their share of the noise that all groups add up to. */
export function sensitivityChart(groups: readonly SensitivityReport[]): string {
  const power = ({ sqnrDb }: SensitivityReport): number => (sqnrDb >= 200 ? 0 : 10 ** (-sqnrDb / 10));
  const total = groups.reduce((sum, group) => sum + power(group), 0);
  const worst = [...groups].sort((a, b) => a.sqnrDb - b.sqnrDb).slice(0, MOST);
  const longest = Math.max(...worst.map(power));
  const rows = worst.map((group) => {
    const name = escapeHtml(group.group);
    const length = longest > 0 ? (100 * power(group)) / longest : 0;
    return `<li><span class="name" title="${escapeHtml(group.units.join(", "))}">${name}</span><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect class="sensitive" width="${length.toFixed(2)}" height="1"/></svg><span class="figure">${decibels(group.sqnrDb)}</span><span class="figure quiet">${percent(total > 0 ? power(group) / total : 0, 1)}</span><span class="figure quiet">${percent(group.macsShare, 1)}</span></li>`;
  });
  const heads = `<li class="quiet"><span class="name">Group</span><span></span><span class="figure">SQNR</span><span class="figure">Noise</span><span class="figure">MACs</span></li>`;
  return `<ol class="ranks">${heads}${rows.join("")}</ol>`;
}
