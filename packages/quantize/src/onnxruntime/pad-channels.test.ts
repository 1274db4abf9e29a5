import { exactWeightBits } from "@octet/inference/integer-kernels";
import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, newModel } from "@octet/onnx/testing/build-graph";
import { describe, expect, it } from "vitest";
import { calibrate, quantizeCalibrated } from "../int8/quantize-model.ts";
import { addConv, imageSize, noiseImages } from "../int8/testing/residual-network.ts";
import { padChannels } from "./pad-channels.ts";

const images = noiseImages(2);

async function quantised(model: Model, keepFloat: readonly string[] = []): Promise<Model> {
  const calibration = await calibrate(model, { target: "onnxruntime", method: "minmax", runtime: onnxRuntime, feeds: () => images });
  return quantizeCalibrated(calibration, {
    weightBits: exactWeightBits(),
    keepFloat: new Map(keepFloat.map((name) => [name, "slower" as const])),
  }).model;
}

async function outputs(model: Model, simulate: boolean): Promise<Record<string, number[]>> {
  const session = await onnxRuntime.load(encodeModel(model), { threads: 1, simulate });
  try {
    return Object.fromEntries(Object.entries(await session.run(images[0]!)).map(([name, { data }]) => [name, Array.from(data, Number)]));
  } finally {
    await session.close();
  }
}

/** Weights of each convolution by name, as [outputs, inputs of a group], and its groups where there are any. */
function shapes({ graph }: Model): Record<string, number[]> {
  const found = graph.nodes
    .filter(({ opType }) => opType === "Conv")
    .map((node): [string, number[]] => {
      const value = node.inputs[1]!;
      const tensor = graph.initializers.get(value) ?? graph.initializers.get(graph.producer(value)!.inputs[0]!)!;
      return [node.name, tensor.dims.slice(0, 2)];
    });
  return Object.fromEntries(found);
}

const relu = (model: Model, value: string): string => addOp(model, "Relu", [value], `${value}.act`);

/** Twelve channels, as SCRFD's stem has them, through a depthwise convolution, a gate and an addition. */
function narrow(): Model {
  const model = newModel();
  addInput(model, "image", ["batch", 3, imageSize, imageSize]);
  const stem = relu(model, addConv(model, "stem", "image", [12, 3, 3, 3]));
  const deep = addConv(model, "deep", stem, [12, 1, 3, 3], 12);
  const gated = addOp(model, "Mul", [deep, addOp(model, "Sigmoid", [deep], "gate")], "gated");
  const sum = addOp(model, "Add", [stem, gated], "sum");
  const wide = relu(model, addConv(model, "wide", sum, [32, 12, 1, 1]));
  const few = relu(model, addConv(model, "few", wide, [6, 32, 1, 1]));
  addConv(model, "head", relu(model, addConv(model, "last", few, [16, 6, 3, 3])), [4, 16, 1, 1]);
  addOutput(model, "head");
  return model;
}

describe("padChannels", () => {
  it("widens what integer kernels would not take, and changes no result", async () => {
    const model = await quantised(narrow());
    const padded = cloneModel(model);
    expect(padChannels()(padded)).toBe(3);
    checkModel(padded);
    expect(shapes(padded)).toEqual({
      node_stem: [16, 4],
      node_deep: [16, 1],
      node_wide: [32, 16],
      // Six channels would have to be nearly three times as many.
      node_few: [6, 32],
      node_last: [16, 6],
      node_head: [4, 16],
    });
    for (const simulate of [true, false]) expect(await outputs(padded, simulate)).toEqual(await outputs(model, simulate));
    expect(padChannels()(padded)).toBe(0);
  });

  it("widens float neighbours along, and nothing that is float on both sides", async () => {
    const model = await quantised(narrow(), ["node_stem"]);
    const padded = cloneModel(model);
    padChannels()(padded);
    checkModel(padded);
    expect(shapes(padded)).toMatchObject({ node_stem: [16, 3], node_deep: [16, 1] });
    expect(await outputs(padded, true)).toEqual(await outputs(model, true));
    const float = await quantised(narrow(), [
      "node_stem",
      "node_deep",
      "node_wide",
      "gate",
      "node_gate",
      "gated",
      "node_gated",
      "node_sum",
    ]);
    const before = shapes(float);
    padChannels()(float);
    expect(shapes(float)).toEqual(before);
  });

  it("leaves channels alone that are concatenated, split, or given out", async () => {
    const model = newModel();
    addInput(model, "image", [1, 3, imageSize, imageSize]);
    const stem = relu(model, addConv(model, "stem", "image", [16, 3, 3, 3]));
    const a = relu(model, addConv(model, "a", stem, [12, 16, 1, 1]));
    const b = relu(model, addConv(model, "b", stem, [12, 16, 1, 1]));
    const c = relu(model, addConv(model, "c", addOp(model, "Concat", [a, b], "ab", { axis: 1 }), [12, 24, 1, 1]));
    addConv(model, "head", c, [4, 12, 1, 1]);
    for (const output of [c, "head"]) addOutput(model, output);
    const integer = await quantised(model);
    padChannels()(integer);
    expect(shapes(integer)).toMatchObject({ node_stem: [16, 4], node_a: [12, 16], node_b: [12, 16], node_c: [12, 24] });
  });

  it("pads an image for its integer readers only", async () => {
    const model = newModel();
    addInput(model, "image", [1, 3, imageSize, imageSize]);
    const a = relu(model, addConv(model, "a", "image", [16, 3, 3, 3]));
    const b = relu(model, addConv(model, "b", "image", [16, 3, 3, 3]));
    addConv(model, "head", relu(model, addConv(model, "both", addOp(model, "Add", [a, b], "sum"), [16, 16, 1, 1])), [4, 16, 1, 1]);
    addOutput(model, "head");
    const integer = await quantised(model, ["node_a"]);
    const padded = cloneModel(integer);
    expect(padChannels()(padded)).toBe(1);
    expect(shapes(padded)).toMatchObject({ node_a: [16, 3], node_b: [16, 4] });
    expect(await outputs(padded, true)).toEqual(await outputs(integer, true));
  });
});
