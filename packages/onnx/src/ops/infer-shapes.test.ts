import { describe, expect, it } from "vitest";
import { readModelFile } from "../io/model-file.ts";
import type { Dim, Model } from "../ir/model.ts";
import type { Tensor } from "../ir/tensor.ts";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "../testing/build-graph.ts";
import { detectorFiles } from "../testing/detectors.ts";
import { randomInput, runModel } from "../testing/run-model.ts";
import { inferShapes, inferValues } from "./infer-shapes.ts";

type Attributes = Parameters<typeof addOp>[4];

interface Case {
  op: string;
  inputs: (Dim[] | Tensor)[];
  attributes?: Attributes;
  opset?: number;
  outputs?: number;
}

function build({ op, inputs, attributes, opset = 17, outputs = 1 }: Case): Model {
  const model = newModel(opset);
  const names = inputs.map((input, at) => {
    if (Array.isArray(input)) return addInput(model, `x${at}`, input);
    return model.graph.addInitializer({ ...input, name: `c${at}` }).name;
  });
  const made = Array.from({ length: outputs }, (_, at) => `y${at}`);
  addOp(model, op, names, made, attributes);
  for (const name of made) addOutput(model, name);
  return model;
}

const ints = (...values: number[]) => intTensor("", [values.length], values);
const scales = (...values: number[]) => floatTensor("", [values.length], values);
const weights = (...dims: number[]) => floatTensor("", dims, () => 0.1);
const roi = floatTensor("", [0], []);

/** Each is held against what ONNX Runtime computes. */
const cases: [string, Case][] = [
  [
    "Conv",
    {
      op: "Conv",
      inputs: [[1, 4, 17, 20], weights(6, 2, 3, 3)],
      attributes: { group: 2, strides: [2, 3], pads: [1, 0, 2, 1], dilations: [2, 1] },
    },
  ],
  [
    "Conv SAME_UPPER",
    { op: "Conv", inputs: [[2, 3, 15, 16], weights(4, 3, 3, 3)], attributes: { auto_pad: "SAME_UPPER", strides: [2, 2] } },
  ],
  ["Conv VALID", { op: "Conv", inputs: [[2, 3, 15, 16], weights(4, 3, 3, 3)], attributes: { auto_pad: "VALID", strides: [2, 2] } }],
  [
    "ConvTranspose",
    {
      op: "ConvTranspose",
      inputs: [[1, 4, 5, 6], weights(4, 3, 3, 3)],
      attributes: { group: 2, strides: [2, 2], pads: [1, 1, 1, 0], output_padding: [1, 0] },
    },
  ],
  [
    "MaxPool, rounding up",
    { op: "MaxPool", inputs: [[1, 2, 13, 14]], attributes: { kernel_shape: [3, 2], strides: [2, 3], ceil_mode: 1, pads: [1, 0, 1, 1] } },
  ],
  [
    "MaxPool, a last window in the padding",
    { op: "MaxPool", inputs: [[1, 1, 5, 5]], attributes: { kernel_shape: [2, 2], strides: [3, 3], ceil_mode: 1, pads: [1, 1, 1, 1] } },
  ],
  ["AveragePool", { op: "AveragePool", inputs: [[1, 2, 13, 14]], attributes: { kernel_shape: [3, 3], strides: [2, 2] } }],
  ["GlobalAveragePool", { op: "GlobalAveragePool", inputs: [[2, 5, 3, 4]] }],
  ["Gemm", { op: "Gemm", inputs: [[5, 2], weights(7, 5)], attributes: { transA: 1, transB: 1 } }],
  [
    "MatMul",
    {
      op: "MatMul",
      inputs: [
        [2, 1, 3, 4],
        [5, 4, 6],
      ],
    },
  ],
  ["MatMul of a vector", { op: "MatMul", inputs: [[3, 4], [4]] }],
  [
    "Add",
    {
      op: "Add",
      inputs: [
        [2, 1, 4],
        [3, 1],
      ],
    },
  ],
  [
    "Equal",
    {
      op: "Equal",
      inputs: [
        [2, 1],
        [1, 3],
      ],
    },
  ],
  [
    "Concat",
    {
      op: "Concat",
      inputs: [
        [2, 3],
        [2, 4],
      ],
      attributes: { axis: -1 },
    },
  ],
  ["Split into equal parts", { op: "Split", inputs: [[2, 6]], attributes: { axis: 1 }, outputs: 3 }],
  ["Split by sizes", { op: "Split", inputs: [[2, 6], ints(1, 5)], attributes: { axis: 1 }, outputs: 2 }],
  ["Split 18, a smaller last part", { op: "Split", inputs: [[7, 2]], attributes: { num_outputs: 3 }, outputs: 3, opset: 18 }],
  ["Slice backwards", { op: "Slice", inputs: [[10, 8], ints(-2, 1), ints(-11, 100), ints(0, 1), ints(-3, 2)] }],
  ["Slice 9", { op: "Slice", inputs: [[10, 8]], attributes: { starts: [1], ends: [-1], axes: [1] }, opset: 9 }],
  ["Reshape with 0 and -1", { op: "Reshape", inputs: [[2, 3, 4, 5], ints(0, -1, 10)] }],
  ["Flatten", { op: "Flatten", inputs: [[2, 3, 4]], attributes: { axis: 2 } }],
  ["Transpose", { op: "Transpose", inputs: [[2, 3, 4]], attributes: { perm: [2, 0, 1] } }],
  ["Transpose, reversed", { op: "Transpose", inputs: [[2, 3, 4]] }],
  ["Squeeze", { op: "Squeeze", inputs: [[1, 3, 1], ints(-1)] }],
  ["Unsqueeze", { op: "Unsqueeze", inputs: [[3, 4], ints(0, -1)] }],
  ["Unsqueeze 11", { op: "Unsqueeze", inputs: [[3, 4]], attributes: { axes: [1] }, opset: 11 }],
  ["Resize by scales", { op: "Resize", inputs: [[1, 2, 5, 7], roi, scales(1, 1, 1.5, 2)], attributes: { mode: "nearest" } }],
  ["Resize to sizes", { op: "Resize", inputs: [[1, 2, 5, 7], roi, roi, ints(1, 2, 9, 3)], attributes: { mode: "linear" } }],
  ["Upsample", { op: "Upsample", inputs: [[1, 2, 5, 7], scales(1, 1, 2, 2)], opset: 9 }],
  ["Pad", { op: "Pad", inputs: [[2, 3], ints(0, 1, 2, -1)] }],
  ["ReduceMean", { op: "ReduceMean", inputs: [[2, 3, 4]], attributes: { axes: [-1], keepdims: 0 } }],
  ["ReduceMax over all", { op: "ReduceMax", inputs: [[2, 3, 4]] }],
  ["ReduceSum 13", { op: "ReduceSum", inputs: [[2, 3, 4], ints(1)] }],
  ["ArgMax", { op: "ArgMax", inputs: [[2, 3, 4]], attributes: { axis: 1 } }],
  ["TopK", { op: "TopK", inputs: [[2, 9], ints(4)], outputs: 2 }],
  ["Gather", { op: "Gather", inputs: [[4, 5, 6], intTensor("", [2, 2], [0, 1, -1, 2])], attributes: { axis: 1 } }],
  ["Expand", { op: "Expand", inputs: [[3, 1], ints(2, 1, 4)] }],
  ["Tile", { op: "Tile", inputs: [[2, 3], ints(3, 2)] }],
  ["DepthToSpace", { op: "DepthToSpace", inputs: [[1, 8, 2, 3]], attributes: { blocksize: 2 } }],
  ["SpaceToDepth", { op: "SpaceToDepth", inputs: [[1, 2, 4, 6]], attributes: { blocksize: 2 } }],
  ["Shape 15", { op: "Shape", inputs: [[2, 3, 4, 5]], attributes: { start: 1, end: -1 }, opset: 15 }],
  ["BatchNormalization", { op: "BatchNormalization", inputs: [[1, 3, 2, 2], weights(3), weights(3), weights(3), weights(3)] }],
  ["QuantizeLinear", { op: "QuantizeLinear", inputs: [[2, 3], floatTensor("", [], [0.1])] }],
];

describe("shapes and types are those that ONNX Runtime computes", () => {
  it.each(cases)("%s", async (_name, item) => {
    const model = build(item);
    inferShapes(model);
    const feeds = Object.fromEntries(model.graph.inputs.map(({ name, shape }, at) => [name, randomInput(shape!, at)]));
    const found = await runModel(model, feeds);
    for (const { name, dataType, shape } of model.graph.outputs) {
      expect(shape).toEqual(found[name]!.dims);
      expect(dataType).toBe((found[name] as unknown as { type: string }).type);
    }
  });

  it.each(detectorFiles())("%s", async (file) => {
    const model = await readModelFile(file);
    model.graph.valueInfo.clear();
    const declared = model.graph.outputs.map(({ name }) => name);
    for (const output of model.graph.outputs) output.shape = null;
    inferShapes(model);
    const input = model.graph.inputs.find(({ name }) => !model.graph.initializers.has(name))!;
    for (const node of model.graph.nodes)
      for (const name of node.outputs) if (!model.graph.isOutput(name)) expect(model.graph.valueInfo.get(name)?.shape).not.toContain(null);
    const found = await runModel(model, { [input.name]: randomInput(input.shape!, 1) });
    for (const name of declared)
      expect(model.graph.outputs.find((output) => output.name === name)!.shape!.map((dim) => (dim === "batch" ? 1 : dim))).toEqual(
        found[name]!.dims,
      );
  });
});

describe("symbols", () => {
  it("come through a shape computation as exporters write it", () => {
    const model = newModel(11);
    addInput(model, "x", ["batch", 8, 4, "width"]);
    addOp(model, "Shape", ["x"], "shape");
    model.graph.addInitializer(intTensor("zero", [], [0]));
    model.graph.addInitializer(intTensor("rest", [2], [-1, 2]));
    addOp(model, "Gather", ["shape", "zero"], "n", { axis: 0 });
    addOp(model, "Unsqueeze", ["n"], "n1", { axes: [0] });
    addOp(model, "Concat", ["n1", "rest"], "target", { axis: 0 });
    addOp(model, "Reshape", ["x", "target"], "y");
    addOp(model, "Reshape", ["x", "flat"], "z");
    model.graph.addInitializer(intTensor("flat", [2], [0, -1]));
    const states = inferValues(model);
    expect(states.get("target")).toEqual({ dataType: "int64", shape: [3], data: ["batch", -1, 2] });
    expect(states.get("y")!.shape).toEqual(["batch", null, 2]);
    expect(states.get("z")!.shape).toEqual(["batch", null]);
  });

  it("broadcast against numbers and each other", () => {
    const shapeOf = (a: Dim[], b: Dim[]) => {
      const model = build({ op: "Mul", inputs: [a, b] });
      return inferValues(model).get("y0")!.shape;
    };
    expect(shapeOf(["n", 1, 4], [1, "m", 1])).toEqual(["n", "m", 4]);
    expect(shapeOf(["n"], ["m"])).toEqual([null]);
    expect(shapeOf(["n", 3], ["n", 1])).toEqual(["n", 3]);
    expect(shapeOf([null, 3], [5, 3])).toEqual([5, 3]);
  });

  it("give way to what the file declares of an operator that is not known", () => {
    const model = build({ op: "Einsum", inputs: [[2, 3]] });
    model.graph.outputs[0]!.shape = [3, "n"];
    expect(inferValues(model).get("y0")).toEqual({ dataType: "float32", shape: [3, "n"] });
  });
});

describe("contradictions are refused, naming the node", () => {
  it.each<[string, Case]>([
    ["channels of a Conv", { op: "Conv", inputs: [[1, 3, 8, 8], weights(4, 2, 3, 3)] }],
    ["a kernel larger than the image", { op: "Conv", inputs: [[1, 3, 2, 2], weights(4, 3, 5, 5)] }],
    ["a bias of the wrong length", { op: "Conv", inputs: [[1, 3, 8, 8], weights(4, 3, 3, 3), weights(3)] }],
    [
      "shapes that do not broadcast",
      {
        op: "Add",
        inputs: [
          [2, 3],
          [2, 4],
        ],
      },
    ],
    [
      "inner sizes of a MatMul",
      {
        op: "MatMul",
        inputs: [
          [2, 3],
          [4, 5],
        ],
      },
    ],
    [
      "sizes of a Concat",
      {
        op: "Concat",
        inputs: [
          [2, 3],
          [3, 3],
        ],
        attributes: { axis: 1 },
      },
    ],
    ["a Reshape that does not fit", { op: "Reshape", inputs: [[2, 3], ints(4, -1)] }],
    ["a Reshape with too few elements", { op: "Reshape", inputs: [[2, 3], ints(2, 2)] }],
    ["a perm with a repetition", { op: "Transpose", inputs: [[2, 3]], attributes: { perm: [0, 0] } }],
    ["an axis outside", { op: "Softmax", inputs: [[2, 3]] }],
    ["a Squeeze of 2", { op: "Squeeze", inputs: [[2, 3], ints(0)] }],
    ["parts of a Split", { op: "Split", inputs: [[6], ints(1, 2)], outputs: 2 }],
    ["an index outside", { op: "Gather", inputs: [[3], ints(3)] }],
  ])("%s", (name, item) => {
    const model = build(item);
    if (name === "an axis outside") model.graph.nodes[0]!.opType = "Concat";
    if (name === "an axis outside") model.graph.nodes[0]!.attributes.set("axis", { type: "int", value: 5n });
    expect(() => inferShapes(model)).toThrow(
      expect.objectContaining({ code: "MODEL_INVALID", message: expect.stringContaining("node_y0") }),
    );
  });
});
