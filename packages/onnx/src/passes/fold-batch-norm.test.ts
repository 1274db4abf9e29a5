import { describe, expect, it } from "vitest";
import type { Dim, Model } from "../ir/model.ts";
import { addInput, addOp, addOutput, floatTensor, newModel } from "../testing/build-graph.ts";
import { randomFrom, randomInput, runModel, worstDifference } from "../testing/run-model.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";

let seed = 0;

/** Adds random values in [low, high) and gives their name. */
function random(model: Model, dims: number[], low = -0.5, high = 0.5): string {
  const next = randomFrom(++seed);
  const name = model.graph.freshName("constant");
  model.graph.addInitializer(floatTensor(name, dims, () => low + (high - low) * next()));
  return name;
}

const norm = (model: Model, channels: number) => [
  random(model, [channels]),
  random(model, [channels]),
  random(model, [channels]),
  random(model, [channels], 0.2, 2),
];

async function check(model: Model, shape: Dim[], left: string[]): Promise<void> {
  const feeds = { x: randomInput(shape, 7, { low: -1 }) };
  const before = await runModel(model, feeds);
  foldBatchNorm()(model);
  expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(left);
  expect(worstDifference(before, await runModel(model, feeds))).toBeLessThan(1e-5);
}

function start(shape: Dim[]): Model {
  const model = newModel();
  addInput(model, "x", shape);
  addOutput(model, "y");
  return model;
}

const image: Dim[] = [2, 4, 6, 6];

describe("folds into what stands before", () => {
  it("Conv in groups, without a bias", async () => {
    const model = start(image);
    addOp(model, "Conv", ["x", random(model, [6, 2, 3, 3])], "a", { group: 2, pads: [1, 1, 1, 1] });
    addOp(model, "BatchNormalization", ["a", ...norm(model, 6)], "y", { epsilon: 0.001 });
    await check(model, image, ["Conv"]);
  });

  it("ConvTranspose in groups", async () => {
    const model = start(image);
    addOp(model, "ConvTranspose", ["x", random(model, [4, 3, 2, 2]), random(model, [6])], "a", { group: 2, strides: [2, 2] });
    addOp(model, "BatchNormalization", ["a", ...norm(model, 6)], "y");
    await check(model, image, ["ConvTranspose"]);
  });

  it("Gemm, either way round", async () => {
    for (const transB of [0, 1]) {
      const model = start([3, 5]);
      addOp(model, "Gemm", ["x", random(model, transB ? [4, 5] : [5, 4]), random(model, [4])], "a", { transB });
      addOp(model, "BatchNormalization", ["a", ...norm(model, 4)], "b");
      addOp(model, "Add", ["b", random(model, [4])], "y");
      await check(model, [3, 5], ["Gemm"]);
    }
  });

  it("a chain of Mul, Sub, Div and Add by channel and by scalar", async () => {
    const model = start(image);
    addOp(model, "Conv", ["x", random(model, [3, 4, 1, 1]), random(model, [3])], "a");
    addOp(model, "Mul", [random(model, [1, 3, 1, 1]), "a"], "b");
    addOp(model, "Sub", ["b", random(model, [3, 1, 1])], "c");
    addOp(model, "Div", ["c", random(model, [1], 1, 2)], "d");
    addOp(model, "Add", ["d", random(model, [])], "y");
    await check(model, image, ["Conv"]);
  });

  it("leaves weights alone that another Conv shares", async () => {
    const model = start(image);
    const weights = random(model, [4, 4, 1, 1]);
    addOp(model, "Conv", ["x", weights], "a");
    addOp(model, "BatchNormalization", ["a", ...norm(model, 4)], "b");
    addOp(model, "Relu", ["b"], "r");
    addOp(model, "Conv", ["r", weights], "y");
    await check(model, image, ["Conv", "Relu", "Conv"]);
  });
});

describe("folds into the Conv after", () => {
  it("where nothing is padded", async () => {
    const model = start(image);
    addOp(model, "BatchNormalization", ["x", ...norm(model, 4)], "a");
    addOp(model, "Conv", ["a", random(model, [6, 2, 3, 3])], "y", { group: 2 });
    await check(model, image, ["Conv"]);
  });

  it("where padded, a scale but not a shift", async () => {
    const scaled = start(image);
    addOp(scaled, "Mul", ["x", random(scaled, [1, 4, 1, 1])], "a");
    addOp(scaled, "Conv", ["a", random(scaled, [6, 4, 3, 3])], "y", { pads: [1, 1, 1, 1] });
    await check(scaled, image, ["Conv"]);
    const shifted = start(image);
    addOp(shifted, "Sub", ["x", random(shifted, [1])], "a");
    addOp(shifted, "Conv", ["a", random(shifted, [6, 4, 3, 3])], "y", { auto_pad: "SAME_UPPER" });
    await check(shifted, image, ["Sub", "Conv"]);
  });
});

describe("does not fold", () => {
  it("what something else reads too, or is an output", async () => {
    const model = start(image);
    addOp(model, "Conv", ["x", random(model, [4, 4, 1, 1])], "a");
    addOp(model, "BatchNormalization", ["a", ...norm(model, 4)], "b");
    addOp(model, "Add", ["a", "b"], "y");
    await check(model, image, ["Conv", "BatchNormalization", "Add"]);
    addOutput(model, "a");
    await check(model, image, ["Conv", "BatchNormalization", "Add"]);
  });

  it("weights that a caller may replace, constants along another axis, or that make the value larger", async () => {
    const model = start(image);
    const weights = random(model, [4, 4, 1, 1]);
    model.graph.inputs.push({ name: weights, dataType: "float32", shape: [4, 4, 1, 1] });
    addOp(model, "Conv", ["x", weights], "a");
    addOp(model, "Mul", ["a", random(model, [4, 1, 1])], "y");
    await check(model, image, ["Conv", "Mul"]);
    const wide = start(image);
    addOp(wide, "Conv", ["x", random(wide, [6, 4, 1, 1])], "a");
    addOp(wide, "Mul", ["a", random(wide, [1, 1, 1, 6])], "y");
    await check(wide, image, ["Conv", "Mul"]);
    const grown = start(image);
    addOp(grown, "Conv", ["x", random(grown, [4, 4, 1, 1])], "a");
    addOp(grown, "Add", ["a", random(grown, [1, 1, 1, 1, 1])], "y");
    await check(grown, image, ["Conv", "Add"]);
  });

  it("a constant less the value", async () => {
    const model = start(image);
    addOp(model, "Conv", ["x", random(model, [4, 4, 1, 1])], "a");
    addOp(model, "Sub", [random(model, [1]), "a"], "b");
    addOp(model, "Div", [random(model, [1]), "b"], "y");
    await check(model, image, ["Conv", "Sub", "Div"]);
  });
});
