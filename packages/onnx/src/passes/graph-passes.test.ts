import { describe, expect, it } from "vitest";
import type { Dim, Model } from "../ir/model.ts";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "../testing/build-graph.ts";
import { randomInput, runModel, worstDifference } from "../testing/run-model.ts";
import { convertOpset } from "./convert-opset.ts";
import { eliminateNops } from "./eliminate-nops.ts";
import { foldConstants } from "./fold-constants.ts";
import { dropInitializerInputs } from "./initializer-inputs.ts";
import { makeBatchSymbolic } from "./make-batch-symbolic.ts";

const opTypes = ({ graph }: Model) => graph.nodes.map(({ opType }) => opType);

function start(shape: Dim[], opset = 17): Model {
  const model = newModel(opset);
  addInput(model, "x", shape);
  addOutput(model, "y");
  return model;
}

const constant = (model: Model, ...values: number[]) =>
  model.graph.addInitializer(intTensor(model.graph.freshName("i"), [values.length], values)).name;

async function sameAfter(model: Model, pass: (model: Model) => unknown, tolerance = 0): Promise<void> {
  const feeds = Object.fromEntries(
    model.graph.inputs
      .filter(({ name }) => !model.graph.initializers.has(name))
      .map(({ name, shape }, at) => [name, randomInput(shape!, at + 1, { low: -2, high: 2 })]),
  );
  const before = await runModel(model, feeds);
  pass(model);
  expect(worstDifference(before, await runModel(model, feeds))).toBeLessThanOrEqual(tolerance);
}

describe("foldConstants", () => {
  it.each<[string, (model: Model, value: string) => string]>([
    [
      "Slice backwards",
      (model, v) => addOp(model, "Slice", [v, constant(model, -1), constant(model, -100), constant(model, 1), constant(model, -2)], "c"),
    ],
    ["Transpose", (model, v) => addOp(model, "Transpose", [v], "c", { perm: [1, 0, 2] })],
    ["Concat", (model, v) => addOp(model, "Concat", [v, v], "c", { axis: 1 })],
    ["Gather", (model, v) => addOp(model, "Gather", [v, constant(model, 2, -3)], "c", { axis: 1 })],
    ["Expand", (model, v) => addOp(model, "Expand", [v, constant(model, 2, 1, 3, 4)], "c")],
    ["Tile", (model, v) => addOp(model, "Tile", [v, constant(model, 2, 1, 3)], "c")],
    ["Reshape", (model, v) => addOp(model, "Reshape", [v, constant(model, 4, -1)], "c")],
    ["Cast", (model, v) => addOp(model, "Cast", [addOp(model, "Cast", [v], "whole", { to: 6 })], "c", { to: 1 })],
    ["Split", (model, v) => addOp(model, "Split", [v, constant(model, 1, 2)], ["d", "c"], { axis: 1 })],
    [
      "arithmetic",
      (model, v) =>
        addOp(model, "Sub", [addOp(model, "Mul", [v, v], "square"), addOp(model, "Div", [v, addOp(model, "Exp", [v], "e")], "d")], "c"),
    ],
    [
      "comparison and choice",
      (model, v) =>
        addOp(model, "Where", [addOp(model, "Greater", [v, addOp(model, "Neg", [v], "n")], "g"), v, addOp(model, "Floor", [v], "f")], "c"),
    ],
    [
      "ConstantOfShape and Range",
      (model, v) => {
        const ones = addOp(model, "ConstantOfShape", [constant(model, 2, 3, 4)], "ones", { value: floatTensor("", [1], [2.5]) });
        return addOp(model, "Add", [v, ones], "c");
      },
    ],
  ])("computes %s as ONNX Runtime does", async (_name, build) => {
    const model = start([1]);
    model.graph.addInitializer(floatTensor("v", [2, 3, 4], (at) => Math.sin(at) * 3));
    const folded = build(model, "v");
    addOp(model, "Mul", ["x", folded], "y");
    await sameAfter(model, foldConstants(), 1e-6);
    expect(opTypes(model)).toEqual(["Mul"]);
  });

  it("keeps 64-bit integers exact", () => {
    const model = start([1]);
    const big = 2n ** 53n + 1n;
    model.graph.addInitializer({ name: "big", dataType: "int64", dims: [1], data: BigInt64Array.of(big) });
    addOp(model, "Add", ["big", constant(model, 2)], "sum");
    model.graph.outputs = [{ name: "sum", dataType: "int64", shape: [1] }];
    addOp(model, "Identity", ["x"], "y");
    addOutput(model, "y");
    foldConstants()(model);
    expect(model.graph.initializers.get("sum")!.data).toEqual(BigInt64Array.of(big + 2n));
  });

  it("frees a graph with a symbolic batch of its shape computations", async () => {
    const model = start(["batch", 4, 3, 5], 11);
    addOp(model, "Shape", ["x"], "shape");
    addOp(model, "Slice", ["shape", constant(model, 0), constant(model, 2), constant(model, 0)], "head");
    addOp(model, "Concat", ["head", constant(model, 6, 10)], "sizes", { axis: 0 });
    model.graph.addInitializer(floatTensor("none", [0], []));
    addOp(model, "Resize", ["x", "none", "none", "sizes"], "big", {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
    addOp(model, "Slice", ["big", constant(model, 0, 0), "head", constant(model, 0, 1)], "part");
    addOp(model, "Gather", ["shape", model.graph.addInitializer(intTensor("zero", [], [0])).name], "n", { axis: 0 });
    addOp(model, "Unsqueeze", ["n"], "n1", { axes: [0] });
    addOp(model, "Concat", ["n1", constant(model, -1, 2)], "target", { axis: 0 });
    addOp(model, "Reshape", ["part", "target"], "y");
    await sameAfter(model, foldConstants());
    expect(opTypes(model)).toEqual(["Resize", "Slice", "Reshape"]);
    const two = { x: randomInput(["batch", 4, 3, 5], 1, { batch: 2 }) };
    expect((await runModel(model, two))["y"]!.dims).toEqual([2, 120, 2]);
  });

  it("keeps what is too large, what is asked to be kept, and the weights of quantised layers", () => {
    const model = start([1]);
    addOp(model, "ConstantOfShape", [constant(model, 1000)], "large");
    model.graph.addInitializer({ name: "w", dataType: "int8", dims: [1], data: Int8Array.of(3) });
    model.graph.addInitializer(floatTensor("s", [], [0.5]));
    addOp(model, "DequantizeLinear", ["w", "s"], "dw");
    addOp(model, "Neg", ["s"], "minus");
    addOp(model, "Sum", ["x", "large", "dw", "minus"], "y");
    expect(foldConstants({ maxBytes: 1000, keep: ["Neg"] })(model)).toBe(0);
    expect(foldConstants({ maxBytes: 4000 })(model)).toBe(2);
    expect(opTypes(model)).toEqual(["DequantizeLinear", "Sum"]);
  });

  it("takes no memory for what is far too large", () => {
    const model = start([1]);
    addOp(model, "ConstantOfShape", [constant(model, 2 ** 20, 2 ** 20)], "huge");
    addOp(model, "Mul", ["x", "huge"], "y");
    expect(foldConstants()(model)).toBe(0);
  });

  it("folds nothing that a caller may replace", () => {
    const model = start([1]);
    model.graph.addInitializer(floatTensor("v", [1], [1]));
    model.graph.inputs.push({ name: "v", dataType: "float32", shape: [1] });
    addOp(model, "Neg", ["v"], "n");
    addOp(model, "Add", ["x", "n"], "y");
    expect(foldConstants()(model)).toBe(0);
    expect(dropInitializerInputs()(model)).toBe(1);
    expect(foldConstants()(model)).toBe(1);
  });
});

describe("eliminateNops", () => {
  it("takes out what changes nothing, and what nothing reads", async () => {
    const model = start([2, 3]);
    addOp(model, "Identity", ["x"], "a");
    addOp(model, "Dropout", ["a"], ["b", "mask"]);
    addOp(model, "Cast", ["b"], "c", { to: 1 });
    addOp(model, "Transpose", ["c"], "d", { perm: [0, 1] });
    addOp(model, "Reshape", ["d", constant(model, 2, -1)], "e");
    addOp(model, "Relu", ["e"], "f");
    addOp(model, "Identity", ["f"], "y");
    addOp(model, "Exp", ["f"], "dead");
    addOp(model, "Neg", ["dead"], "deader");
    await sameAfter(model, eliminateNops());
    expect(opTypes(model)).toEqual(["Relu"]);
    expect(model.graph.outputs[0]!.name).toBe("y");
  });

  it("keeps an Identity between an input and an output, and one whose input is an output too", async () => {
    const model = start([2]);
    addOp(model, "Identity", ["x"], "y");
    addOp(model, "Relu", ["x"], "r");
    addOp(model, "Identity", ["r"], "z");
    addOutput(model, "r");
    addOutput(model, "z");
    await sameAfter(model, eliminateNops());
    expect(opTypes(model)).toEqual(["Identity", "Relu", "Identity"]);
  });

  it("keeps a Reshape between shapes that only may be equal", () => {
    const model = start([null, 4]);
    addOp(model, "Reshape", ["x", constant(model, -1, 4)], "a");
    addOp(model, "Relu", ["a"], "y");
    expect(eliminateNops()(model)).toBe(0);
  });
});

describe("makeBatchSymbolic", () => {
  async function twiceOne(model: Model, shape: number[]): Promise<void> {
    makeBatchSymbolic({ name: "n" })(model);
    expect(model.graph.inputs[0]!.shape![0]).toBe("n");
    const singles = [randomInput(shape, 1), randomInput(shape, 2)];
    const both = randomInput(["n", ...shape.slice(1)], 3, { batch: 2 });
    for (const [at, { data }] of singles.entries()) (both.data as Float32Array).set(data as Float32Array, at * data.length);
    const [left, right] = [await runModel(model, { x: singles[0]! }), await runModel(model, { x: singles[1]! })];
    const found = (await runModel(model, { x: both }))["y"]!;
    expect(found.dims[0]).toBe(2 * left["y"]!.dims[0]!);
    expect(Array.from(found.data)).toEqual([...Array.from(left["y"]!.data), ...Array.from(right["y"]!.data)]);
  }

  it.each([[[1, -1, 3]], [[1, 12, 2]], [[-1, 4]], [[24]], [[0, 0, -1]]])("mends a Reshape to %j", async (target) => {
    const model = start([1, 2, 3, 4]);
    addOp(model, "Reshape", ["x", constant(model, ...target)], "y");
    await twiceOne(model, [1, 2, 3, 4]);
  });

  it("mends what merges the batch and takes it apart again", async () => {
    const model = start([1, 4, 6]);
    addOp(model, "Reshape", ["x", constant(model, 4, 6)], "merged");
    addOp(model, "Relu", ["merged"], "r");
    addOp(model, "Reshape", ["r", constant(model, 1, 2, -1, 3)], "y");
    await twiceOne(model, [1, 4, 6]);
    expect(model.graph.outputs[0]!.shape).toEqual(["n", 2, 4, 3]);
  });

  it("mends the sizes of a Resize", async () => {
    const model = start([1, 2, 3, 4]);
    addOp(model, "Resize", ["x", "", "", constant(model, 1, 2, 9, 6)], "y", {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    });
    await twiceOne(model, [1, 2, 3, 4]);
  });

  it.each<[string, (model: Model) => void]>([
    ["node_a", (model) => addOp(model, "Transpose", [addOp(model, "Relu", ["x"], "r")], "a", { perm: [1, 0, 2] })],
    ["node_a", (model) => addOp(model, "Squeeze", ["x", constant(model, 0)], "a")],
    ["node_a", (model) => addOp(model, "ReduceMean", ["x"], "a", { axes: [0] })],
    ["node_a", (model) => addOp(model, "Gather", ["x", model.graph.addInitializer(intTensor("zero", [], [0])).name], "a")],
    [
      "node_a",
      (model) => addOp(model, "Concat", ["x", model.graph.addInitializer(floatTensor("c", [1, 4, 6], () => 1)).name], "a", { axis: 1 }),
    ],
  ])("refuses, naming the node, and leaves the model as it was", (name, build) => {
    const model = start([1, 4, 6]);
    build(model);
    addOp(model, "Relu", ["a"], "y");
    const before = structuredClone(model.graph.nodes);
    expect(() => makeBatchSymbolic()(model)).toThrow(
      expect.objectContaining({ code: "MODEL_UNSUPPORTED", message: expect.stringContaining(name) }),
    );
    expect(model.graph.inputs[0]!.shape).toEqual([1, 4, 6]);
    expect(model.graph.nodes).toEqual(before);
  });

  it("refuses inputs of another batch, or without one", () => {
    expect(() => makeBatchSymbolic()(start([4, 3]))).toThrow(/takes 4 images/);
    expect(() => makeBatchSymbolic()(start([3]))).toThrow(/without a batch/);
  });
});

describe("convertOpset", () => {
  const image: Dim[] = [1, 2, 5, 6];
  it.each<[string, number, Dim[], (model: Model) => void]>([
    [
      "Squeeze and Unsqueeze",
      11,
      image,
      (m) => addOp(m, "Squeeze", [addOp(m, "Unsqueeze", ["x"], "a", { axes: [0, -1] })], "y", { axes: [0, 1] }),
    ],
    [
      "Split by sizes",
      11,
      image,
      (m) => addOp(m, "Concat", [addOp(m, "Split", ["x"], ["a", "b"], { axis: 3, split: [2, 4] }), "b"], "y", { axis: 3 }),
    ],
    ["Split in equal parts", 11, image, (m) => addOp(m, "Sub", [addOp(m, "Split", ["x"], ["a", "b"], { axis: 1 }), "b"], "y")],
    ["ReduceSum", 11, image, (m) => addOp(m, "ReduceSum", ["x"], "y", { axes: [2, 3], keepdims: 0 })],
    ["ReduceMean", 11, image, (m) => addOp(m, "ReduceMean", ["x"], "y", { axes: [-1] })],
    ["ReduceMax over all", 11, image, (m) => addOp(m, "ReduceMax", ["x"], "y")],
    ["Slice", 9, image, (m) => addOp(m, "Slice", ["x"], "y", { starts: [1, -3], ends: [4, 1000], axes: [2, 3] })],
    ["Clip", 9, image, (m) => addOp(m, "Clip", ["x"], "y", { min: -0.5, max: 1.25 })],
    ["Clip with one bound", 9, image, (m) => addOp(m, "Clip", ["x"], "y", { max: 0.5 })],
    ["Pad", 9, image, (m) => addOp(m, "Pad", ["x"], "y", { pads: [0, 0, 1, 2, 0, 0, 0, 1], value: 0.5 })],
    ["Dropout", 9, image, (m) => addOp(m, "Dropout", ["x"], "y", { ratio: 0.5 })],
    ["TopK", 9, image, (m) => addOp(m, "TopK", ["x"], ["y", "i"], { k: 3, axis: -1 })],
    ["Softmax over the rest", 11, image, (m) => addOp(m, "Softmax", ["x"], "y")],
    ["Softmax over the last", 11, image, (m) => addOp(m, "Softmax", ["x"], "y", { axis: 3 })],
    ["Softmax of rows", 11, [4, 7], (m) => addOp(m, "Softmax", ["x"], "y")],
    ["LogSoftmax from axis 2", 11, image, (m) => addOp(m, "LogSoftmax", ["x"], "y", { axis: 2 })],
    ["Upsample 7", 7, image, (m) => addOp(m, "Upsample", ["x"], "y", { mode: "nearest", scales: [1.0000001, 1.0000001, 2.5, 3] })],
    [
      "Upsample 9, linear",
      9,
      image,
      (m) => addOp(m, "Upsample", ["x", m.graph.addInitializer(floatTensor("s", [4], [1, 1, 2, 3])).name], "y", { mode: "linear" }),
    ],
    [
      "Resize 10, larger",
      10,
      image,
      (m) => addOp(m, "Resize", ["x", m.graph.addInitializer(floatTensor("s", [4], [1, 1, 1.6, 3])).name], "y", { mode: "nearest" }),
    ],
    [
      "Resize 10, smaller",
      10,
      image,
      (m) => addOp(m, "Resize", ["x", m.graph.addInitializer(floatTensor("s", [4], [1, 1, 0.6, 0.5])).name], "y", { mode: "nearest" }),
    ],
    [
      "Resize 11 with an empty region",
      11,
      image,
      (m) => {
        m.graph.addInitializer(floatTensor("none", [0], []));
        addOp(m, "Resize", ["x", "none", m.graph.addInitializer(floatTensor("s", [4], [1, 1, 2, 2])).name], "y", { mode: "linear" });
      },
    ],
    [
      "BatchNormalization 7",
      7,
      image,
      (m) => {
        const names = ["g", "b", "m", "v"].map((name) => m.graph.addInitializer(floatTensor(name, [2], [0.5, 1.5])).name);
        addOp(m, "BatchNormalization", ["x", ...names], "y", { spatial: 1 });
      },
    ],
  ])("%s", async (_name, opset, shape, build) => {
    for (const target of [12, 13, 17, 19, 21]) {
      const model = start(shape, opset);
      model.irVersion = 4;
      build(model);
      if (opset < target) await sameAfter(model, convertOpset(target), 1e-6);
      expect(model.opsets.get("")).toBe(Math.max(opset, target));
    }
  });

  it("leaves a newer model as it is, and refuses what it cannot express", () => {
    const model = start(image, 17);
    addOp(model, "Relu", ["x"], "y");
    expect(convertOpset(13)(model)).toBe(0);
    expect(model.opsets.get("")).toBe(17);
    const old = start(image, 6);
    expect(() => convertOpset(13)(old)).toThrow(expect.objectContaining({ code: "MODEL_UNSUPPORTED" }));
    const pixels = start(image, 7);
    addOp(pixels, "BatchNormalization", ["x", "x", "x", "x", "x"], "y", { spatial: 0 });
    pixels.graph.nodes[0]!.inputs = ["x"];
    expect(() => convertOpset(13)(pixels)).toThrow(/node_y.*spatial/);
  });
});
