import { describe, expect, it } from "vitest";
import { checkModel } from "../check/check-model.ts";
import { cloneModel } from "../io/clone-model.ts";
import type { Model } from "../ir/model.ts";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "../testing/build-graph.ts";
import { randomFrom, randomInput, runModel, worstDifference } from "../testing/run-model.ts";
import { removeChannelShuffles } from "./remove-channel-shuffles.ts";

const SIZE = 6;
const next = randomFrom(11);

function conv(model: Model, input: string, output: string, [outputs, inputs]: readonly [number, number], group = 1, stride = 1): string {
  const kernel = group === 1 ? 1 : 3;
  const weight = `${output}.w`;
  const bias = `${output}.b`;
  model.graph.addInitializer(floatTensor(weight, [outputs, inputs / group, kernel, kernel], () => next() - 0.5));
  model.graph.addInitializer(floatTensor(bias, [outputs], () => next() - 0.5));
  const pad = kernel >> 1;
  return addOp(model, "Conv", [input, weight, bias], output, { group, pads: [pad, pad, pad, pad], strides: [stride, stride] });
}

function ints(model: Model, values: readonly number[]): string {
  const name = model.graph.freshName("ints");
  model.graph.addInitializer(intTensor(name, [values.length], values));
  return name;
}

function shuffle(model: Model, input: string, output: string, channels: number, size: number, groups = 2): string {
  const apart = addOp(model, "Reshape", [input, ints(model, [0, groups, channels / groups, size, size])], `${output}.apart`);
  const swapped = addOp(model, "Transpose", [apart], `${output}.swapped`, { perm: [0, 2, 1, 3, 4] });
  return addOp(model, "Reshape", [swapped, ints(model, [0, channels, size, size])], output);
}

type Halves = "Split" | "Slice";

function halves(model: Model, input: string, channels: number, by: Halves): [string, string] {
  const outputs: [string, string] = [`${input}.left`, `${input}.right`];
  if (by === "Split") addOp(model, "Split", [input, ints(model, [channels / 2, channels / 2])], outputs, { axis: 1 });
  else
    for (const [at, output] of outputs.entries())
      addOp(model, "Slice", [input, ints(model, [(at * channels) / 2]), ints(model, [((at + 1) * channels) / 2]), ints(model, [1])], output);
  return outputs;
}

const silu = (model: Model, input: string): string =>
  addOp(model, "Mul", [input, addOp(model, "Sigmoid", [input], `${input}.sigmoid`)], `${input}.act`);

/** A stage of ShuffleNet V2, and the beginning of the next, whose depthwise convolution reads shuffled channels. */
function shuffleNet(by: Halves, channels = 16): Model {
  const model = newModel();
  addInput(model, "x", ["batch", 6, SIZE, SIZE]);
  const half = channels / 2;
  const first = silu(model, conv(model, "x", "first", [half, 6]));
  const second = silu(model, conv(model, "x", "second", [half, 6]));
  let value = shuffle(model, addOp(model, "Concat", [first, second], "joined", { axis: 1 }), "shuffled", channels, SIZE);
  for (const unit of [1, 2, 3]) {
    const [left, right] = halves(model, value, channels, by);
    const inner = silu(model, conv(model, right, `in${unit}`, [half, half]));
    const branch = silu(model, conv(model, conv(model, inner, `deep${unit}`, [half, half], half), `out${unit}`, [half, half]));
    const joined = addOp(model, "Concat", [left, branch], `joined${unit}`, { axis: -3 });
    value = shuffle(model, joined, `shuffled${unit}`, channels, SIZE);
  }
  const down = conv(model, conv(model, value, "down", [channels, channels], channels, 2), "narrow", [half, channels]);
  const pooled = addOp(model, "MaxPool", [silu(model, value)], "pooled", { kernel_shape: [2, 2], strides: [2, 2] });
  conv(model, addOp(model, "Concat", [down, pooled], "neck", { axis: 1 }), "y", [4, channels + half]);
  addOutput(model, "y");
  return model;
}

const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType);

describe("removeChannelShuffles", () => {
  it.each(["Split", "Slice"] as const)("reads channels where they are computed, with %s between units", async (by) => {
    const model = shuffleNet(by);
    const feeds = { x: randomInput(["batch", 6, SIZE, SIZE], 5, { batch: 2, low: -1 }) };
    const before = await runModel(model, feeds);
    expect(removeChannelShuffles()(model)).toBe(4);
    checkModel(model);
    expect(operators(model)).not.toContain("Transpose");
    expect(operators(model)).not.toContain("Reshape");
    expect(operators(model)).not.toContain("Slice");
    // Each unit's result is cut once, however many read parts of it.
    expect(operators(model).filter((type) => type === "Split").length).toBeLessThanOrEqual(5);
    expect(worstDifference(before, await runModel(model, feeds))).toBeLessThan(1e-5);
    expect(removeChannelShuffles()(model)).toBe(0);
  });

  it("takes more than two groups, and weights that convolutions share", async () => {
    const model = newModel();
    addInput(model, "x", [1, 6, SIZE, SIZE]);
    const wide = conv(model, "x", "wide", [12, 6]);
    const other = conv(model, "x", "other", [12, 6]);
    conv(model, shuffle(model, wide, "shuffled", 12, SIZE, 3), "y", [5, 12]);
    addOp(model, "Conv", [other, "y.w", "y.b"], "z");
    for (const output of ["y", "z"]) addOutput(model, output);
    const feeds = { x: randomInput([1, 6, SIZE, SIZE], 8, { low: -1 }) };
    const before = await runModel(model, feeds);
    expect(removeChannelShuffles()(model)).toBe(1);
    expect(worstDifference(before, await runModel(model, feeds))).toBeLessThan(1e-5);
  });

  it("leaves a model alone where somebody needs the order that there was", () => {
    const asOutput = shuffleNet("Split");
    addOutput(asOutput, "shuffled2");
    const flattened = shuffleNet("Split");
    addOutput(flattened, addOp(flattened, "Flatten", ["shuffled3"], "flat"));
    const grouped = shuffleNet("Split");
    grouped.graph.addInitializer(floatTensor("grouped.w", [8, 8, 1, 1], () => next()));
    addOutput(grouped, addOp(grouped, "Conv", ["shuffled3", "grouped.w"], "grouped", { group: 2 }));
    const scaled = shuffleNet("Split");
    scaled.graph.addInitializer(floatTensor("each", [1, 16, 1, 1], () => next()));
    addOutput(scaled, addOp(scaled, "Mul", ["shuffled3", "each"], "scaled"));
    for (const model of [asOutput, flattened, grouped, scaled]) {
      const before = cloneModel(model);
      expect(removeChannelShuffles()(model)).toBe(0);
      expect(operators(model)).toEqual(operators(before));
    }
  });

  it("takes no other Transpose for a shuffle", () => {
    const model = newModel();
    addInput(model, "x", [1, 6, SIZE, SIZE]);
    const apart = addOp(model, "Reshape", ["x", ints(model, [0, 2, 3, SIZE, SIZE])], "apart");
    const swapped = addOp(model, "Transpose", [apart], "swapped", { perm: [0, 2, 1, 4, 3] });
    conv(model, addOp(model, "Reshape", [swapped, ints(model, [0, 6, SIZE, SIZE])], "back"), "y", [4, 6]);
    addOutput(model, "y");
    expect(removeChannelShuffles()(model)).toBe(0);
  });
});
