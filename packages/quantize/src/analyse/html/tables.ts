import { escapeHtml } from "@octet/shared/html/escape";
import type { QuantizationReport } from "../report.ts";
import { precisionOf } from "./bars.ts";
import { decibels, fixed, percent, short } from "./escape.ts";

/** A cell: text is escaped here; numbers come formatted and stand to the right. */
type Cell = string | { number: string };

/** `rows` of cells below `heads`; heads of numbers begin with "#". */
function table(caption: string, heads: readonly string[], rows: readonly Cell[][]): string {
  const head = heads.map((name) =>
    name.startsWith("#") ? `<th scope="col" class="figure">${name.slice(1)}</th>` : `<th scope="col">${name}</th>`,
  );
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell) => (typeof cell === "string" ? `<td>${escapeHtml(cell)}</td>` : `<td class="figure">${cell.number}</td>`)).join("")}</tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

const folded = (caption: string, rows: number, content: string): string =>
  rows === 0 ? "" : `<details><summary>${caption} <span class="quiet">${rows}</span></summary>${content}</details>`;

const number = (text: string): Cell => ({ number: text });

export function accuracyTable({ accuracy }: QuantizationReport): string {
  if (!accuracy?.length) return "";
  const rows = accuracy.map(({ metric, float, quantised, drop }): Cell[] => [
    metric,
    number(fixed(float, 2)),
    number(fixed(quantised, 2)),
    number(`${drop < 0 ? "+" : ""}${fixed(-drop, 2)}`),
  ]);
  return table("Accuracy", ["Metric", "#Float", "#Quantised", "#Change"], rows);
}

export function searchTable({ search }: QuantizationReport): string {
  const metrics = [...new Set(search.flatMap((step) => Object.keys(step.metrics ?? {})))];
  const rows = search.map((step): Cell[] => [
    step.chosen ? "chosen" : step.met ? "within budget" : "over budget",
    number(String(step.floatGroups.length)),
    ...metrics.map((metric) => number(fixed(step.metrics?.[metric] ?? null, 2))),
    number(fixed(step.drop, 2)),
    number(fixed(step.latencyMs, 2)),
    step.floatGroups.join(", "),
  ]);
  const heads = [
    "Verdict",
    "#Groups in float",
    ...metrics.map((metric) => `#${escapeHtml(metric)}`),
    "#Largest drop",
    "#ms",
    "Groups in float",
  ];
  return search.length === 0 ? "" : table("Steps of the search", heads, rows);
}

/** The exact numbers behind the plots, folded. */
export function detailTables(report: QuantizationReport): string {
  const { layers, sensitivity, activations, weights } = report;
  const layerRows = layers.map((layer): Cell[] => [
    layer.name,
    layer.opType,
    precisionOf(layer).words,
    number(decibels(layer.sqnrDb)),
    number(layer.macs === null ? "–" : fixed(layer.macs / 1e6, 2)),
  ]);
  const groupRows = sensitivity.map(({ group, units, sqnrDb, macsShare }): Cell[] => [
    group,
    number(decibels(sqnrDb)),
    number(percent(macsShare)),
    units.join(", "),
  ]);
  const activationRows = activations.map((activation): Cell[] => [
    activation.value,
    activation.dataType,
    number(short(activation.scale)),
    number(String(activation.zeroPoint)),
    number(`${short(activation.range.min)} … ${short(activation.range.max)}`),
    number(activation.observed ? `${short(activation.observed.min)} … ${short(activation.observed.max)}` : "–"),
    number(percent(activation.clippedShare, 4)),
  ]);
  const weightRows = weights.map(({ name, channels, bits, sqnrDb, scaleMin, scaleMax }): Cell[] => [
    name,
    number(String(channels)),
    number(String(bits)),
    number(decibels(sqnrDb)),
    number(short(scaleMin)),
    number(short(scaleMax)),
  ]);
  return [
    folded("Layers", layers.length, table("Layers", ["Layer", "Operator", "Precision", "#SQNR", "#million MACs"], layerRows)),
    folded("Groups", sensitivity.length, table("Groups", ["Group", "#SQNR alone", "#MACs", "Units"], groupRows)),
    folded(
      "Activations",
      activations.length,
      table("Activations", ["Value", "Type", "#Scale", "#Zero point", "#Range", "#Seen", "#Clipped"], activationRows),
    ),
    folded(
      "Weights",
      weights.length,
      table("Weights", ["Layer", "#Channels", "#Bits", "#SQNR", "#Smallest scale", "#Largest scale"], weightRows),
    ),
  ].join("");
}
