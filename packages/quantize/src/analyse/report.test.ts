import { onnxRuntime as runtime } from "@octet/inference/onnx-runtime";
import { escapeHtml } from "@octet/shared/html/escape";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibrate, quantizeCalibrated } from "../int8/quantize-model.ts";
import { clipped } from "./html/distributions.ts";
import { fixed } from "./html/escape.ts";
import { ticks } from "./html/trade-off.ts";
import { measureLayerErrors } from "./layer-errors.ts";
import { searchByAccuracy } from "./mixed-precision.ts";
import { keepGroupsFloat, quantizerGroups } from "./quantizer-groups.ts";
import { buildReport, type QuantizationReport } from "./report.ts";
import { trimmed } from "./report-activations.ts";
import { renderReport } from "./report-html.ts";
import { measureSensitivity } from "./sensitivity.ts";
import { tinyDetector, tinyImages } from "./testing/tiny-detector.ts";

const images = tinyImages(2);
const feeds = () => images;
const hostile = `</title></style><script>alert(1)</script>"' onload=x &lt; \u202e`;

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

async function wholeReport(method: "mse" | "minmax" = "mse"): Promise<QuantizationReport> {
  const model = tinyDetector();
  model.graph.nodes.forEach((node, at) => {
    node.name = `${hostile}${at}`;
  });
  model.graph.changed();
  const calibration = await calibrate(model, { target: "onnxruntime", method, runtime, feeds });
  const groups = quantizerGroups(calibration);
  const keepFloat = keepGroupsFloat(groups, [groups[1]!.name]);
  const quantised = quantizeCalibrated(calibration, { keepFloat });
  const sensitivity = await measureSensitivity(calibration, { runtime, feeds, images: 1 });
  const search = await searchByAccuracy(
    sensitivity.map(({ group, sqnrDb }) => ({ name: group.name, sqnrDb })),
    {
      float: { [hostile]: 80 },
      maxDrop: 0.5,
      build: () => new Uint8Array(),
      evaluate: (_, kept) => ({ metrics: { [hostile]: 79 + kept.length }, latencyMs: 10 + kept.length }),
    },
  );
  return buildReport(calibration, quantised, {
    tool: "octet",
    createdAt: "2020-01-01T00:00:00Z",
    model: { name: hostile, sha256: "aa", sizeBytes: 4000, family: hostile },
    result: { sha256: "bb", sizeBytes: 1000 },
    refinement: hostile,
    headSqnrDb: Number.POSITIVE_INFINITY,
    detectionSqnrDb: 24.5,
    layerErrors: await measureLayerErrors(calibration, quantised, { runtime, feeds }),
    sensitivity,
    search,
    accuracy: { float: { [hostile]: 80 }, quantised: { [hostile]: 79.5 } },
    latency: { floatMs: 20, quantisedMs: 10, host: hostile },
  });
}

/** Open elements of a page; throws where one is closed that is not the innermost. */
function unclosed(html: string): string[] {
  const open: string[] = [];
  const content = html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "");
  for (const [, closing, name, rest] of content.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s+[\w-]+(?:="[^"<>]*")?)*\s*\/?)>/gi)) {
    if (closing) expect(open.pop()).toBe(name);
    else if (!["meta", "br"].includes(name!) && !rest!.endsWith("/")) open.push(name!);
  }
  // Every "<" belongs to one of the tags above.
  expect(content.replace(/<!doctype html>/, "").replace(/<(\/?)([a-z][a-z0-9]*)((?:\s+[\w-]+(?:="[^"<>]*")?)*\s*\/?)>/gi, "")).not.toMatch(
    /[<>]/,
  );
  return open;
}

describe("buildReport", () => {
  it("is plain JSON that holds what was measured", async () => {
    const report = await wholeReport();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.headSqnrDb).toBe(200);
    expect(report.detectionSqnrDb).toBe(24.5);
    expect(report.latency!.speedup).toBe(2);
    expect(report.accuracy).toEqual([{ metric: hostile, float: 80, quantised: 79.5, drop: 0.5 }]);
    expect(report.search.map(({ chosen, drop }) => [chosen, drop])).toEqual([
      [false, 1],
      [true, 0],
    ]);
    const layers = report.layers.map(({ opType, precision, reason }) => [opType, precision, reason]);
    expect(layers).toContainEqual(["Conv+Relu", "float32", "sensitive"]);
    expect(layers).toContainEqual(["Conv", "float32", "head"]);
    expect(layers).toContainEqual(["MaxPool", "int8", null]);
    for (const { sqnrDb } of report.layers) expect(sqnrDb).toBeGreaterThan(10);
    const [weight, ...others] = report.weights;
    expect(others).toEqual([]);
    expect(weight).toMatchObject({ channels: 8, bits: 8 });
    expect(sum(weight!.before.counts)).toBe(8 * 27);
    expect(sum(weight!.after.counts)).toBe(8 * 27);
    expect(weight!.sqnrDb).toBeGreaterThan(35);
    expect(weight!.sqnrDb).toBeLessThan(60);
    expect(weight!.scaleMax / weight!.scaleMin).toBeGreaterThan(20);
    for (const { range, scale, clippedShare, histogram } of report.activations) {
      expect(range.max - range.min).toBeCloseTo(255 * scale, 5);
      if (!histogram) continue;
      expect(histogram.counts.length).toBeLessThanOrEqual(64);
      expect(clippedShare).toBeLessThan(0.2);
    }
  });

  it("reads the weights of a TensorRT model whose scales are float16", async () => {
    const calibration = await calibrate(tinyDetector(), { target: "tensorrt", method: "entropy", runtime, feeds });
    const parts = {
      tool: "octet",
      createdAt: "",
      model: { name: "", sha256: "", sizeBytes: 1, family: null },
      result: { sha256: "", sizeBytes: 1 },
    };
    const single = buildReport(calibration, quantizeCalibrated(calibration), parts);
    const half = buildReport(calibration, quantizeCalibrated(calibration, { half: true }), { ...parts, floatPrecision: "float16" });
    expect(single.weights.length).toBeGreaterThan(0);
    expect(half.weights.map(({ name }) => name)).toEqual(single.weights.map(({ name }) => name));
    for (const [at, { sqnrDb }] of half.weights.entries()) expect(Math.abs(sqnrDb - single.weights[at]!.sqnrDb)).toBeLessThan(1);
    expect(new Set(half.layers.map(({ precision }) => precision))).toEqual(new Set(["int8", "float16"]));
    expect(single.activations.every(({ dataType, zeroPoint }) => dataType === "int8" && zeroPoint === 0)).toBe(true);
  });

  it("keeps all counts of a histogram that it makes coarser", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 64 }), (counts, limit) => {
        const merged = trimmed({ start: -1, width: 0.5, counts }, limit);
        expect(merged.counts.length).toBeLessThanOrEqual(limit);
        expect(sum(merged.counts)).toBe(sum(counts));
        expect(sum(clipped(merged, { min: 0, max: 3 }).counts)).toBe(sum(counts));
      }),
    );
  });
});

describe("renderReport", () => {
  it("is a well-formed page that loads nothing and lets no name out of its place", async () => {
    const html = renderReport(await wholeReport());
    expect(unclosed(html)).toEqual([]);
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain("alert(1)</");
    expect(html).not.toMatch(/https?:|\bsrc=|\bhref=|url\(|@import|\u202e|NaN|undefined|Infinity/);
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, value] of html.matchAll(/<option value="([^"]+)"/g)) expect(ids).toContain(value);
  });

  it("says less where less was measured", async () => {
    const { layers, ...report } = await wholeReport("minmax");
    const bare = renderReport({
      ...report,
      layers: layers.map((layer) => ({ ...layer, sqnrDb: null, macs: null })),
      activations: report.activations.map((activation) => ({ ...activation, histogram: null })),
      weights: [],
      sensitivity: [],
      search: [],
      accuracy: null,
      latency: null,
      headSqnrDb: null,
    });
    expect(unclosed(bare)).toEqual([]);
    expect(bare).toContain("were not measured");
    expect(bare).not.toMatch(/Sensitivity|Trade-off|<figure|NaN|undefined/);
  });
});

describe("figures of the page", () => {
  it("escapes whatever a name holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."<>\"'`&;#aé\n\0\u202e") }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"'`\0\n\u202e]|&(?!#\d+;)/);
      }),
    );
    expect(escapeHtml('a<b & "c"')).toBe("a&#60;b &#38; &#34;c&#34;");
    expect([fixed(-0.001, 2), fixed(-1.5, 1), fixed(null, 1)]).toEqual(["0.00", "−1.5", "–"]);
  });

  it("puts a few round ticks between the ends of an axis", () => {
    expect(ticks(0, 1)).toEqual([0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, extent) => {
        const found = ticks(low, low + extent);
        expect(found.length).toBeGreaterThanOrEqual(2);
        expect(found.length).toBeLessThanOrEqual(7);
      }),
    );
  });
});
