import { onnxRuntime as runtime } from "@octet/inference/onnx-runtime";
import { cloneModel } from "@octet/onnx/io/clone-model";
import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, newModel } from "@octet/onnx/testing/build-graph";
import { runModel, worstDifference } from "@octet/onnx/testing/run-model";
import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { prepareFloat } from "../int8/prepare.ts";
import { addConv, imageSize, noiseImages } from "../int8/testing/residual-network.ts";
import { equalizeActivations } from "./activation-equalization.ts";

/** A convolution whose channels have ranges that differ by up to 2⁷. */
function wildConv(model: Model, name: string, input: string, dims: readonly [number, number, number, number], group = 1): string {
  const output = addConv(model, name, input, dims, group);
  const per = dims[1] * dims[2] * dims[3];
  const { initializers } = model.graph;
  const weight = initializers.get(`${name}.w`)!;
  const bias = initializers.get(`${name}.b`)!;
  weight.data = Float32Array.from(weight.data as Float32Array, (value, at) => value * 2 ** (Math.floor(at / per) % 8));
  bias.data = Float32Array.from(bias.data as Float32Array, (value, at) => value * 2 ** (at % 8));
  return output;
}

/** Conv → activation → depthwise → activation → two convolutions that share their weights. */
function network(activation: (model: Model, value: string) => string, opset = 17): Model {
  const model = newModel(opset);
  addInput(model, "image", [1, 3, imageSize, imageSize]);
  const first = activation(model, wildConv(model, "first", "image", [8, 3, 3, 3]));
  const second = activation(model, wildConv(model, "second", first, [8, 1, 3, 3], 8));
  addConv(model, "left", second, [4, 8, 1, 1]);
  addOp(model, "Conv", [second, "left.w"], "right");
  addOutput(model, "left");
  addOutput(model, "right");
  return prepareFloat(model, opset);
}

const relu = (model: Model, value: string) => addOp(model, "Relu", [value], `${value}.act`);
const silu = (model: Model, value: string) =>
  addOp(model, "Mul", [value, addOp(model, "Sigmoid", [value], `${value}.sigmoid`)], `${value}.act`);
const feeds = () => noiseImages(3);

const outputs = (model: Model) => {
  const { dims, data } = noiseImages(1, 50)[0]!.image;
  return runModel(model, { image: new Tensor("float32", data as Float32Array, dims) });
};

/** Largest over median of what the channels of a value reach. */
async function spreadOf(model: Model, value: string): Promise<number> {
  const probed = cloneModel(model);
  addOutput(probed, value);
  const { data, dims } = (await outputs(probed))[value]!;
  const plane = dims[2]! * dims[3]!;
  const largest = Array.from({ length: dims[1]! }, (_, c) =>
    Math.max(...Array.from({ length: plane }, (_, at) => Math.abs(Number(data[c * plane + at])))),
  ).sort((a, b) => a - b);
  return largest.at(-1)! / largest[largest.length >> 1]!;
}

describe("equalizeActivations", () => {
  it.each([17, 18])("evens out channels of ReLU outputs and computes what it did, opset %i", async (opset) => {
    const model = network(relu, opset);
    const original = cloneModel(model);
    const results = await equalizeActivations(model, { runtime, feeds: feeds() });
    expect(worstDifference(await outputs(original), await outputs(model))).toBeLessThan(1e-4);
    expect(results.map(({ value, channels }) => [value, channels])).toEqual([
      ["first.act_equalized", 8],
      ["second.act_equalized", 8],
    ]);
    const [depthwise, dense] = results as [(typeof results)[number], (typeof results)[number]];
    // Free in front of a depthwise convolution; elsewhere shared with the weights.
    expect(depthwise.spreadAfter).toBeCloseTo(1, 5);
    expect(dense.spreadAfter).toBeLessThan(dense.spreadBefore / 2);
    expect(await spreadOf(model, "first.act_equalized")).toBeLessThan((await spreadOf(original, "first.act")) / 4);
    expect(await spreadOf(model, "second.act_equalized")).toBeLessThan((await spreadOf(original, "second.act")) / 2);
    const weights = model.graph.nodes.slice(-2).map(({ inputs }) => model.graph.initializers.get(inputs[1]!)!.data);
    expect(weights[0]).toEqual(weights[1]);
  });

  it.each([17, 18])("does so for what convolutions read of convolutions as it is, of either sign, opset %i", async (opset) => {
    const model = network((_, value) => value, opset);
    const original = cloneModel(model);
    const [depthwise, dense] = await equalizeActivations(model, { runtime, feeds: feeds() });
    expect(worstDifference(await outputs(original), await outputs(model))).toBeLessThan(1e-4);
    expect([depthwise!.value, dense!.value]).toEqual(["first_equalized", "second_equalized"]);
    expect(depthwise!.spreadAfter).toBeCloseTo(1, 5);
    expect(dense!.spreadAfter).toBeLessThan(dense!.spreadBefore);
    expect(await spreadOf(model, "first_equalized")).toBeLessThan((await spreadOf(original, "first")) / 4);
  });

  it("leaves weights alone that the file's bytes are", async () => {
    const model = network(relu);
    const before = new Map([...model.graph.initializers].map(([name, { data }]) => [name, data.slice()]));
    const arrays = new Map([...model.graph.initializers].map(([name, { data }]) => [name, data]));
    await equalizeActivations(model, { runtime, feeds: feeds() });
    for (const [name, data] of arrays) expect(data, name).toEqual(before.get(name));
  });

  it.each<[string, () => Model]>([
    ["SiLU", () => network(silu)],
    [
      "a ReLU that is an output or read by anything but convolutions",
      () => {
        const model = newModel();
        addInput(model, "image", [1, 3, imageSize, imageSize]);
        const first = relu(model, addConv(model, "first", "image", [8, 3, 3, 3]));
        addConv(model, "next", first, [4, 8, 1, 1]);
        addOutput(model, first);
        const second = relu(model, addConv(model, "second", "image", [8, 3, 3, 3]));
        addConv(model, "last", second, [4, 8, 1, 1]);
        addOp(model, "MaxPool", [second], "pool", { kernel_shape: [2, 2] });
        for (const output of ["next", "last", "pool"]) addOutput(model, output);
        return prepareFloat(model);
      },
    ],
    [
      "groups of several channels",
      () => {
        const model = newModel();
        addInput(model, "image", [1, 3, imageSize, imageSize]);
        addConv(model, "grouped", relu(model, addConv(model, "first", "image", [8, 3, 3, 3])), [8, 4, 1, 1], 2);
        addOutput(model, "grouped");
        return prepareFloat(model);
      },
    ],
  ])("does nothing about %s, and runs nothing for it", async (_, build) => {
    const model = build();
    const never = {
      load: () => {
        throw new Error("nothing to measure");
      },
    };
    expect(await equalizeActivations(model, { runtime: never, feeds: feeds() })).toEqual([]);
  });

  it("bounds what a silent channel is scaled by, and passes over channels that nobody reads", async () => {
    const model = newModel();
    addInput(model, "image", [1, 3, imageSize, imageSize]);
    addConv(model, "next", relu(model, wildConv(model, "first", "image", [8, 3, 3, 3])), [4, 8, 1, 1]);
    const { initializers } = model.graph;
    // Channel 0 is silent; no output reads channel 1.
    (initializers.get("first.w")!.data as Float32Array).fill(0, 0, 27);
    (initializers.get("first.b")!.data as Float32Array)[0] = -1;
    const next = initializers.get("next.w")!.data as Float32Array;
    for (let m = 0; m < 4; m++) next[m * 8 + 1] = 0;
    addOutput(model, "next");
    const prepared = prepareFloat(model);
    const original = cloneModel(prepared);
    const [result] = await equalizeActivations(prepared, { runtime, feeds: feeds() });
    expect(result!.spreadAfter).toBeLessThan(result!.spreadBefore / 2);
    expect(worstDifference(await outputs(original), await outputs(prepared))).toBeLessThan(1e-4);
  });
});
