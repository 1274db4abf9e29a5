import { onnxRuntime as runtime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { beforeAll, describe, expect, it } from "vitest";
import { tinyDetector, tinyImages } from "../analyse/testing/tiny-detector.ts";
import { siluOf } from "../calibrate/derived-value.ts";
import { type Calibration, calibrate, quantizeCalibrated, type RefineOptions, recalibrated } from "./quantize-model.ts";
import { type RefinementKind, refineBy } from "./refinements.ts";
import { checkTensorRtRules } from "./tensorrt-rules.ts";

const feeds = () => tinyImages(8);

/** Mean squared error of each output against the float model, over images that nothing was chosen by. */
async function errorsOf(float: Model, quantised: Model): Promise<Record<string, number>> {
  const [a, b] = [await runtime.load(encodeModel(float)), await runtime.load(encodeModel(quantised), { simulate: true })];
  const errors: Record<string, number> = {};
  for (const feed of tinyImages(4, 77)) {
    const [x, y] = [await a.run(feed), await b.run(feed)];
    for (const [name, { data }] of Object.entries(x))
      for (let at = 0; at < data.length; at++)
        errors[name] = (errors[name] ?? 0) + (Number(data[at]) - Number(y[name]!.data[at])) ** 2 / data.length / 4;
  }
  await a.close();
  await b.close();
  return errors;
}

describe("calibrate and quantizeCalibrated", () => {
  let calibration: Calibration;
  let plain: Model;
  beforeAll(async () => {
    calibration = await calibrate(tinyDetector(), { target: "onnxruntime", method: "percentile", runtime, feeds });
    plain = quantizeCalibrated(calibration).model;
  });
  const refineWith = (kind: RefinementKind, more: Partial<RefineOptions> = {}) =>
    refineBy(kind, calibration, { runtime, feeds, images: 8, ...more });

  it("counts images, and knows a Sigmoid's range without looking", () => {
    expect(calibration.images).toBe(8);
    const sigmoid = calibration.units.find(({ node }) => node.opType === "Sigmoid")!;
    expect(calibration.ranges.get(sigmoid.outputs[0]!)).toEqual({ min: 0, max: 1 });
    expect(calibration.observers.has(sigmoid.outputs[0]!)).toBe(false);
  });

  it("reads the same histograms by another method", () => {
    const widest = recalibrated(calibration, "minmax")!;
    expect(widest.method).toBe("minmax");
    let wider = 0;
    for (const [value, { min, max }] of calibration.ranges) {
      const range = widest.ranges.get(value)!;
      // How far down SiLU is followed depends on the steps of what it gives.
      if (!siluOf(calibration.prepared.graph, value)) expect(range.min).toBeLessThanOrEqual(min);
      expect(range.max).toBeGreaterThanOrEqual(max);
      if (range.max - range.min > max - min) wider++;
    }
    expect(wider).toBeGreaterThan(0);
  });

  it("has nothing to read again where only extents were kept", async () => {
    const extents = await calibrate(tinyDetector(), { target: "onnxruntime", method: "minmax", runtime, feeds: () => tinyImages(1) });
    expect(recalibrated(extents, "percentile")).toBeNull();
  });

  it.each<RefinementKind>(["feedback", "bias"])("refines by %s", async (kind) => {
    const progress: number[] = [];
    const refinement = (await refineWith(kind, { onLayer: (done) => progress.push(done) }))!;
    expect(progress).toEqual(Array.from({ length: progress.length }, (_, at) => at + 1));
    expect(progress.length).toBeGreaterThan(1);
    const { model } = quantizeCalibrated(calibration, { refinement });
    checkModel(model);
    const kept = refinement.layers.filter((layer) => layer.kept);
    expect(kept.length).toBeGreaterThan(0);
    for (const layer of kept) expect(layer.after, layer.name).toBeLessThan(layer.before);
    // Noise of the activations, which no rounding of weights takes away, is most of the error here.
    const [before, after] = [await errorsOf(calibration.prepared, plain), await errorsOf(calibration.prepared, model)];
    expect(after["boxes"]! / before["boxes"]!).toBeLessThan(1);
    // Scores are next to 0 and 1, where nothing is to be gained.
    expect(after["scores"]! / before["scores"]!).toBeLessThan(1.25);
    expect(await refineWith(kind)).toEqual(refinement);
  });

  it("does nothing by none, and stops where it is told to", async () => {
    expect(await refineWith("none")).toBeNull();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(refineWith("feedback", { signal })).rejects.toThrow("enough");
    await expect(calibrate(tinyDetector(), { target: "onnxruntime", method: "minmax", runtime, feeds, signal })).rejects.toThrow("enough");
  });

  it("refuses to calibrate on nothing", async () => {
    const nothing = calibrate(tinyDetector(), { target: "onnxruntime", method: "minmax", runtime, feeds: () => [] });
    await expect(nothing).rejects.toMatchObject({ code: "CALIBRATION_EMPTY" });
  });

  it("keeps TensorRT's rules for that target", async () => {
    const other = await calibrate(tinyDetector(), { target: "tensorrt", method: "minmax", runtime, feeds: () => tinyImages(2) });
    const { model, table } = quantizeCalibrated(other);
    expect(checkTensorRtRules(checkModel(model))).toEqual([]);
    for (const { dataType, zeroPoint } of table.values()) expect([dataType, zeroPoint]).toEqual(["int8", 0]);
  });
});
