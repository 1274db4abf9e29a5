import { weightBitsText } from "@octet/shared/domain/weight-bits";
import { escapeHtml } from "@octet/shared/html/escape";
import { sensitivityChart, sqnrChart } from "./html/bars.ts";
import { activationPanels, type Panel, weightPanels } from "./html/distributions.ts";
import { bytes, decibels, fixed, percent } from "./html/escape.ts";
import { style } from "./html/style.ts";
import { accuracyTable, detailTables, searchTable } from "./html/tables.ts";
import { tradeOffChart } from "./html/trade-off.ts";
import type { QuantizationReport } from "./report.ts";

/** How many plots of a kind are shown at once. */
const MULTIPLES = 6;

/** Shows the panel that its select names. Without scripts all panels are shown. */
const script = `for(const s of document.querySelectorAll("select[data-panels]")){const show=()=>{for(const p of document.getElementById(s.dataset.panels).children)p.hidden=p.id!==s.value};s.addEventListener("change",show);show()}`;

/**
 * The report as one HTML page that loads nothing: style, plots and the few lines of script are in it, and its own policy
 * forbids the rest. Every name is escaped.
 */
export function renderReport(report: QuantizationReport): string {
  const { model, target, method, refinement, weightBits, calibration, createdAt, tool, result } = report;
  const facts = [
    target === "tensorrt" ? "for TensorRT" : "for ONNX Runtime",
    `calibrated by ${method} on ${calibration.images} images`,
    refinement === "none" ? "no refinement" : `refined by ${refinement}`,
    weightBitsText(weightBits),
    ...(model.family ? [model.family] : []),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>Quantisation of ${escapeHtml(model.name)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(model.name)} in INT8</h1>
<p class="quiet lead">${escapeHtml(facts.join(" · "))}</p>
${tiles(report)}
</header>
${tradeOffSection(report)}
<section><h2>Error by layer</h2>
<p class="quiet">SQNR of each output against the float model in decibels, everything lost before it included; 6 dB are one bit. Higher is better.</p>
${sqnrChart(report.layers)}</section>
${sensitivitySection(report)}
${distributionSection("activations", "Activations", "Clipped most first. Counts are on a logarithmic scale; what lies outside of the range moves to its ends.", activationPanels(report.activations), true)}
${distributionSection("weights", "Weights", "Largest error first. Counts are on a logarithmic scale.", weightPanels(report.weights), false)}
<section><h2>All numbers</h2>
${detailTables(report)}</section>
<footer class="facts quiet"><p>${escapeHtml(tool)}, ${escapeHtml(createdAt)}<br>From ${escapeHtml(model.sha256)}<br>To ${escapeHtml(result.sha256)}</p></footer>
</main>
<script>${script}</script>
</body>
</html>
`;
}

function tiles({ model, result, accuracy, latency, headSqnrDb, detectionSqnrDb, layers }: QuantizationReport): string {
  const tile = (name: string, value: string, note: string, mood = ""): string =>
    `<div><dt>${name}</dt><dd${mood ? ` class="${mood}"` : ""}>${value}<small>${note}</small></dd></div>`;
  const tiles = [
    tile("Size", `${fixed(model.sizeBytes / result.sizeBytes, 2)}×`, `smaller, ${bytes(model.sizeBytes)} to ${bytes(result.sizeBytes)}`),
  ];
  if (accuracy?.length) {
    const worst = accuracy.reduce((a, b) => (b.drop > a.drop ? b : a));
    const change = `${worst.drop > 0 ? "" : "+"}${fixed(-worst.drop, 2)}`;
    tiles.push(tile("Accuracy, worst metric", change, `points of ${escapeHtml(worst.metric)}`, worst.drop > 0.3 ? "bad" : "good"));
  }
  if (latency) {
    const note = `${fixed(latency.floatMs, 1)} to ${fixed(latency.quantisedMs, 1)} ms, ${escapeHtml(latency.host)}`;
    tiles.push(tile("Speed", `${fixed(latency.speedup, 2)}×`, note, latency.speedup < 1 ? "bad" : "good"));
  }
  if (detectionSqnrDb !== null) tiles.push(tile("Detections", decibels(detectionSqnrDb), "SQNR of scores and boxes"));
  if (headSqnrDb !== null) tiles.push(tile("At the heads", decibels(headSqnrDb), "SQNR of the predictions"));
  const macs = layers.reduce((sum, layer) => sum + (layer.macs ?? 0), 0);
  const integer = layers.reduce((sum, layer) => sum + (layer.precision === "int8" ? (layer.macs ?? 0) : 0), 0);
  const count = layers.filter(({ precision }) => precision === "int8").length;
  if (macs > 0) tiles.push(tile("In INT8", percent(integer / macs, 1), `of the MACs, ${count} of ${layers.length} layers`));
  return `<dl class="tiles">${tiles.join("")}</dl>`;
}

function tradeOffSection(report: QuantizationReport): string {
  const parts = [accuracyTable(report), tradeOffChart(report), searchTable(report)];
  if (parts.every((part) => part === "")) return "";
  const [accuracy, chart, search] = parts;
  const block = (title: string, content: string | undefined): string => (content ? `<div><h3>${title}</h3>${content}</div>` : "");
  const blocks = block("Against the float model", accuracy) + block("Trade-off", chart);
  return `<section><h2>Accuracy and latency</h2><div class="pair">${blocks}</div>${block("Steps of the search", search)}</section>`;
}

function sensitivitySection({ sensitivity, detectionSqnrDb }: QuantizationReport): string {
  if (sensitivity.length === 0) return "";
  return `<section><h2>Sensitivity</h2><p class="quiet">What quantising one group alone costs ${detectionSqnrDb === null ? "at the heads" : "of the detections"}: the lower its SQNR, the more. The costliest of ${sensitivity.length} groups.</p>${sensitivityChart(sensitivity)}</section>`;
}

function distributionSection(id: string, title: string, note: string, panels: readonly Panel[], ranged: boolean): string {
  if (panels.length === 0) return "";
  const key = `<ul class="legend"><li><i class="before"></i>before</li><li><i class="after"></i>after</li>${ranged ? '<li><i class="band"></i>range of the levels</li>' : ""}</ul>`;
  const worst = panels.slice(0, MULTIPLES).map(({ figure }) => figure);
  const options = panels.map(({ name }, at) => `<option value="${id}-${at}">${escapeHtml(name)}</option>`);
  const all = panels.map(({ figure }, at) => `<div id="${id}-${at}">${figure}</div>`);
  return `<section><h2>${title}</h2><p class="quiet">${note}</p>${key}<h3>The worst ${worst.length}</h3><div class="multiples">${worst.join("")}</div><label>Any of ${panels.length}: <select data-panels="${id}">${options.join("")}</select></label><div class="picked" id="${id}">${all.join("")}</div></section>`;
}
