import { onnxRuntime as runtime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { constantOf } from "@octet/onnx/passes/constants-of";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import { beforeAll, describe, expect, it } from "vitest";
import { tinyDetector, tinyImages } from "../analyse/testing/tiny-detector.ts";
import { quantizeWeights } from "../numeric/weights.ts";
import { type Calibration, calibrate, type Feeds, type QuantizationTarget, quantizeCalibrated } from "./quantize-model.ts";
import { refineBy } from "./refinements.ts";
import { checkTensorRtRules } from "./tensorrt-rules.ts";

const calibrated = (target: QuantizationTarget): Promise<Calibration> =>
  calibrate(tinyDetector(), { target, method: "percentile", runtime, feeds: () => tinyImages(8) });

/** Counts how often images are asked for; `more` is given along with each. */
function counted(more: Record<string, { dims: number[]; data: Uint8Array }> = {}): { feeds: Feeds; readings: () => number } {
  let readings = 0;
  const feeds = () => {
    readings++;
    return tinyImages(8).map((feed) => ({ ...feed, ...more }));
  };
  return { feeds, readings: () => readings };
}

describe.each<[QuantizationTarget, WeightBits]>([
  ["onnxruntime", 7],
  ["onnxruntime", "paired"],
  ["tensorrt", 8],
])("refineBy for %s with weights of %s bits", (target, weightBits) => {
  let calibration: Calibration;
  beforeAll(async () => {
    calibration = await calibrated(target);
  });

  it("learns for each weight of an integer layer whether it is rounded up or down", async () => {
    const done: number[] = [];
    const { feeds, readings } = counted();
    const options = { weightBits, runtime, feeds, images: 8, onLayer: (at: number) => done.push(at) };
    const refinement = (await refineBy("adaround", calibration, options))!;
    const { model, plan } = quantizeCalibrated(calibration, { weightBits, refinement });
    checkModel(model);
    if (target === "tensorrt") expect(checkTensorRtRules(model)).toEqual([]);
    expect(readings()).toBe(1);
    expect(refinement.layers.map(({ name }) => name)).toEqual([...plan.weighted.keys()]);
    expect(done).toEqual(refinement.layers.map((_, at) => at + 1));
    const kept = refinement.layers.filter((layer) => layer.kept);
    expect(kept.length).toBeGreaterThan(0);
    expect([...refinement.weights.keys()]).toEqual(kept.map(({ name }) => name));
    for (const { name, before, after } of kept) {
      expect(after, name).toBeLessThan(before);
      const node = calibration.prepared.graph.nodes.find((each) => each.name === name)!;
      const weight = constantOf(calibration.prepared.graph, node.inputs[1])!;
      const nearest = quantizeWeights(weight, { axis: 0, ...plan.weighted.get(name)! });
      const learnt = refinement.weights.get(name)!;
      expect(learnt.scales).toEqual(nearest.scales);
      const moves = learnt.data.map((level, at) => level - nearest.data[at]!);
      // A pair whose sum is lowered moves by two at most.
      expect(Math.max(...moves.map(Math.abs)), name).toBeLessThanOrEqual(weightBits === "paired" ? 2 : 1);
      expect(Math.max(...moves.map(Math.abs)), name).toBeGreaterThan(0);
      expect(Math.max(...learnt.data.map(Math.abs))).toBeLessThanOrEqual(weightBits === 7 ? 64 : 127);
      const written = model.graph.producer(model.graph.nodes.find((each) => each.name === name)!.inputs[1]!)!;
      expect(constantOf(model.graph, written.inputs[0])!.data).toEqual(learnt.data);
    }
  });
});

describe("refineBy", () => {
  it("reads images once where they are few, and anew for each layer where they would fill the memory", async () => {
    const calibration = await calibrated("onnxruntime");
    const few = counted();
    const refinement = await refineBy("bias", calibration, { runtime, feeds: few.feeds, images: 8 });
    expect(few.readings()).toBe(1);
    // Never written to, so that it takes no memory either.
    const many = counted({ unused: { dims: [2 ** 28 + 1], data: new Uint8Array(2 ** 28 + 1) } });
    expect(await refineBy("bias", calibration, { runtime, feeds: many.feeds, images: 8 })).toEqual(refinement);
    expect(many.readings()).toBeGreaterThan(2 * refinement!.layers.length);
  });
});
