import { encodeModel } from "@octet/onnx/io/encode-model";
import type { DataType } from "@octet/onnx/ir/data-type";
import { Graph } from "@octet/onnx/ir/graph";
import type { Attribute, Dim, Model } from "@octet/onnx/ir/model";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { fromFloat16, toFloat16 } from "../numeric/float16.ts";
import { convertToFp16 } from "./convert-to-fp16.ts";

const int = (value: number): Attribute => ({ type: "int", value: BigInt(value) });
const ints = (...values: number[]): Attribute => ({ type: "ints", value: values.map(BigInt) });
const text = (value: string): Attribute => ({ type: "string", value });

class Builder {
  readonly graph = new Graph();
  readonly model: Model;

  constructor(opset: number) {
    this.graph.name = "test";
    this.model = {
      irVersion: 8,
      opsets: new Map([["", opset]]),
      producerName: "",
      producerVersion: "",
      domain: "",
      modelVersion: 0n,
      docString: "",
      metadata: new Map(),
      graph: this.graph,
    };
  }

  input(name: string, shape: Dim[], dataType: DataType = "float32"): this {
    this.graph.inputs.push({ name, dataType, shape });
    return this;
  }

  output(name: string, shape: Dim[] | null, dataType: DataType = "float32"): this {
    this.graph.outputs.push({ name, dataType, shape });
    return this;
  }

  floats(name: string, dims: number[], ...values: number[]): this {
    this.graph.addInitializer({ name, dataType: "float32", dims, data: Float32Array.from(values) });
    return this;
  }

  int64s(name: string, dims: number[], ...values: number[]): this {
    this.graph.addInitializer({ name, dataType: "int64", dims, data: BigInt64Array.from(values.map(BigInt)) });
    return this;
  }

  node(opType: string, inputs: string[], outputs: string[], attributes: Record<string, Attribute> = {}): this {
    this.graph.addNode({ opType, name: `${opType} of ${outputs[0]}`, inputs, outputs, attributes: new Map(Object.entries(attributes)) });
    return this;
  }
}

async function run(model: Model, feeds: Record<string, ort.Tensor>): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 3 });
  try {
    return (await session.run(feeds)) as Record<string, ort.Tensor>;
  } finally {
    await session.release();
  }
}

const float = (dims: number[], ...values: number[]) => new ort.Tensor("float32", Float32Array.from(values), dims);
const numbers = (tensor: ort.Tensor | undefined) => Array.from(tensor!.data as Float32Array);
const halves = (tensor: ort.Tensor | undefined) => Array.from(fromFloat16(Uint16Array.from(tensor!.data as Uint16Array)));
const opTypes = (model: Model) => model.graph.nodes.map(({ opType }) => opType);

function expectNoCastPairs({ graph }: Model) {
  for (const node of graph.nodes) {
    if (node.opType === "Cast") expect(graph.producer(node.inputs[0]!)?.opType, node.name).not.toBe("Cast");
  }
}

/** The cases of onnxconverter-common's tests/test_float16.py. */
describe("onnxconverter-common's cases", () => {
  const transposeAndMultiply = () =>
    new Builder(9)
      .input("x", [1, 1, 6, 1])
      .node("Constant", [], ["b"], {
        value: {
          type: "tensor",
          value: { name: "", dataType: "float32", dims: [2, 6], data: Float32Array.from({ length: 12 }, (_, at) => at + 1) },
        },
      })
      .node("Transpose", ["x"], ["a"], { perm: ints(0, 1, 3, 2) })
      .node("Transpose", ["b"], ["c"], { perm: ints(1, 0) })
      .node("MatMul", ["a", "c"], ["z"])
      .output("z", [1, 1, 1, 2]).model;

  it("transpose and multiply, float32 at the border", async () => {
    const model = transposeAndMultiply();
    expect(convertToFp16(model)).toMatchObject({ converted: 3, kept: [], casts: 2 });
    const { z } = await run(model, { x: float([1, 1, 6, 1], 2, 3, 4, 5, 6, 7) });
    expect(numbers(z)).toEqual([112, 274]);
  });

  it("transpose and multiply, float16 at the border", async () => {
    const model = transposeAndMultiply();
    expect(convertToFp16(model, { keepIoTypes: false }).casts).toBe(0);
    const x = new ort.Tensor("float16", toFloat16(Float32Array.of(2, 3, 4, 5, 6, 7)), [1, 1, 6, 1]);
    const { z } = await run(model, { x });
    expect(z!.type).toBe("float16");
    expect(halves(z)).toEqual([112, 274]);
  });

  it.each([true, false])("a loop that reads a value from outside, float32 at the border: %s", async (keepIoTypes) => {
    const body = new Graph();
    body.name = "body";
    body.inputs = [
      { name: "i", dataType: "int64", shape: [] },
      { name: "go", dataType: "bool", shape: [] },
      { name: "sum", dataType: "float32", shape: [null] },
    ];
    body.addNode({ opType: "Gather", inputs: ["doubled", "i"], outputs: ["row"], attributes: new Map([["axis", int(0)]]) });
    body.addNode({ opType: "Add", inputs: ["sum", "row"], outputs: ["total"] });
    body.addNode({ opType: "Identity", inputs: ["total"], outputs: ["scan"] });
    body.addNode({ opType: "Identity", inputs: ["go"], outputs: ["goOn"] });
    body.outputs = [
      { name: "goOn", dataType: "bool", shape: [] },
      { name: "total", dataType: "float32", shape: [null] },
      { name: "scan", dataType: "float32", shape: [null] },
    ];
    const { model } = new Builder(13)
      .input("data", [3, 2])
      .floats("zeros", [2], 0, 0)
      .int64s("rows", [], 3)
      .node("Add", ["data", "data"], ["doubled"])
      .node("Loop", ["rows", "", "zeros"], ["y1", "y2"], { body: { type: "graph", value: body } })
      .node("Relu", ["y1"], ["y3"])
      .output("y1", [2])
      .output("y2", [3, 2])
      .output("y3", [2]);
    const report = convertToFp16(model, { keepIoTypes });
    expect(report.kept).toEqual([{ node: "Loop of y1", opType: "Loop", reason: "holds an inner graph" }]);
    const data = keepIoTypes
      ? float([3, 2], 2, 3, 4, 5, 6, 7)
      : new ort.Tensor("float16", toFloat16(Float32Array.of(2, 3, 4, 5, 6, 7)), [3, 2]);
    const results = await run(model, { data });
    const read = keepIoTypes ? numbers : halves;
    expect(read(results["y1"])).toEqual([24, 30]);
    expect(read(results["y2"])).toEqual([4, 6, 12, 16, 24, 30]);
    expect(read(results["y3"])).toEqual([24, 30]);
  });
});

describe("casts", () => {
  it("one for all readers, and none between nodes of one type", async () => {
    const { model } = new Builder(13)
      .input("x", [1, 1, 2, 2])
      .floats("scales", [4], 1, 1, 2, 2)
      .node("Relu", ["x"], ["a"])
      .node("Resize", ["a", "", "scales"], ["b"], { mode: text("nearest") })
      .node("Resize", ["b", "", "scales"], ["c"], { mode: text("nearest") })
      .node("Relu", ["b"], ["d"])
      .node("Neg", ["b"], ["e"])
      .node("Neg", ["c"], ["f"])
      .output("b", [1, 1, 4, 4])
      .output("d", [1, 1, 4, 4])
      .output("e", [1, 1, 4, 4])
      .output("f", [1, 1, 8, 8]);
    const report = convertToFp16(model);
    // x, a → Resize, b → Relu and Neg, c → Neg, and the outputs d, e, f. Output b is float32 as it is.
    expect(report).toMatchObject({ converted: 4, casts: 7 });
    expectNoCastPairs(model);
    expect(model.graph.initializers.get("scales")!.dataType).toBe("float32");
    const { b, f } = await run(model, { x: float([1, 1, 2, 2], -1, 2, 3, 4) });
    expect(numbers(b).slice(0, 4)).toEqual([0, 0, 2, 2]);
    expect(numbers(f).at(-1)).toBe(-4);
  });

  it("an output that is read on, by float16 and by float32 nodes", async () => {
    const { model } = new Builder(13)
      .input("x", [2])
      .int64s("k", [1], 1)
      .node("Neg", ["x"], ["y"])
      .node("Abs", ["y"], ["z"])
      .node("TopK", ["y", "k"], ["top", "index"])
      .output("y", [2])
      .output("z", [2])
      .output("top", [1]);
    convertToFp16(model);
    expectNoCastPairs(model);
    expect(opTypes(model).filter((type) => type === "Cast")).toHaveLength(3);
    const results = await run(model, { x: float([2], 1.5, -4) });
    expect([numbers(results["y"]), numbers(results["z"]), numbers(results["top"])]).toEqual([[-1.5, 4], [1.5, 4], [4]]);
  });

  it("uses what came from float16 as it is", async () => {
    const { model } = new Builder(13)
      .input("x", [2], "float16")
      .node("Cast", ["x"], ["y"], { to: int(1) })
      .node("Neg", ["y"], ["z"])
      .output("z", [2]);
    expect(convertToFp16(model).casts).toBe(1);
    expect(opTypes(model)).toEqual(["Neg", "Cast"]);
  });

  it("updates the types of inner values", () => {
    const { model, graph } = new Builder(13).input("x", [2]).node("Neg", ["x"], ["a"]).node("Abs", ["a"], ["b"]).output("b", [2]);
    graph.valueInfo.set("a", { name: "a", dataType: "float32", shape: [2] });
    convertToFp16(model);
    expect(graph.valueInfo.get("a")).toEqual({ name: "a", dataType: "float16", shape: [2] });
    expect(graph.outputs[0]!.dataType).toBe("float32");
  });
});

describe("what stays float32", () => {
  const product = (constant: number) =>
    new Builder(13).input("x", [1]).floats("k", [1], constant).node("Mul", ["x", "k"], ["a"]).node("Neg", ["a"], ["b"]).output("b", [1])
      .model;

  it("a node whose constant would be infinite, or vanish", async () => {
    for (const constant of [70000, 1e-9]) {
      const model = product(constant);
      expect(convertToFp16(model).kept).toHaveLength(1);
      expect(model.graph.initializers.get("k")!.dataType).toBe("float32");
    }
    const model = product(70000);
    convertToFp16(model);
    // float16 counts in steps of 32 up there; whether a runtime on a CPU rounds to them is its own affair.
    expect(Math.abs(numbers((await run(model, { x: float([1], 0.5) }))["b"])[0]! + 35000)).toBeLessThanOrEqual(16);
  });

  it("nothing of these where constants are clamped, which is counted", () => {
    const model = product(70000);
    const report = convertToFp16(model, { clamp: { min: 1e-7, max: 1e4 } });
    expect(report).toMatchObject({ kept: [], clamped: { raised: 0, lowered: 1 } });
    expect(fromFloat16(model.graph.initializers.get("k")!.data as Uint16Array)[0]).toBe(10000);
    expect(convertToFp16(product(-1e-9), { clamp: { min: 1e-7, max: 1e4 } }).clamped).toEqual({ raised: 1, lowered: 0 });
  });

  it("a node whose values leave the range", () => {
    const ranges = new Map([["a", { min: -40000, max: 1 }]]);
    const model = product(3);
    expect(convertToFp16(model, { ranges }).kept.map(({ node }) => node)).toEqual(["Mul of a", "Neg of b"]);
    expect(convertToFp16(product(3), { ranges, headroom: 1 }).kept).toEqual([]);
    expect(opTypes(model)).toEqual(["Mul", "Neg"]);
  });

  it("bounds of Clip do not count: they are saturated", async () => {
    const { model } = new Builder(13)
      .input("x", [2])
      .floats("low", [], 0)
      .floats("high", [], 3.4e38)
      .node("Clip", ["x", "low", "high"], ["y"])
      .output("y", [2]);
    expect(convertToFp16(model).kept).toEqual([]);
    expect(numbers((await run(model, { x: float([2], -1, 60000) }))["y"])).toEqual([0, 60000]);
  });

  it("a batch normalisation with a variance below the normal range", () => {
    const build = (variance: number) =>
      new Builder(15)
        .input("x", [1, 1, 2, 2])
        .floats("one", [1], 1)
        .floats("zero", [1], 0)
        .floats("variance", [1], variance)
        .node("BatchNormalization", ["x", "one", "zero", "zero", "variance"], ["y"])
        .output("y", [1, 1, 2, 2]).model;
    expect(convertToFp16(build(1e-5)).kept).toHaveLength(1);
    expect(convertToFp16(build(0.5)).kept).toHaveLength(0);
  });

  it("arithmetic on sizes, which float16 cannot count", async () => {
    const { model } = new Builder(13)
      .input("x", [1, 1, 1, 3001])
      .floats("factor", [4], 1, 1, 1, 1)
      .node("Shape", ["x"], ["shape"])
      .node("Cast", ["shape"], ["sizes"], { to: int(1) })
      .node("Mul", ["sizes", "factor"], ["scaled"])
      .node("Cast", ["scaled"], ["target"], { to: int(7) })
      .node("Neg", ["x"], ["negative"])
      .node("Reshape", ["negative", "target"], ["y"])
      .output("y", [1, 1, 1, 3001]);
    expect(convertToFp16(model).kept.map(({ opType }) => opType)).toEqual(["Cast", "Mul", "Cast"]);
    expect((await run(model, { x: float([1, 1, 1, 3001], ...new Array(3001).fill(1)) }))["y"]!.dims).toEqual([1, 1, 1, 3001]);
  });

  it("what decodes the predictions, unless that is not wanted", async () => {
    const build = () =>
      new Builder(13)
        .input("x", [1, 1, 1, 1])
        .floats("w", [1, 1, 1, 1], 1)
        .floats("grid", [1], 600)
        .node("Neg", ["x"], ["a"])
        .node("Conv", ["a", "w"], ["raw"])
        .node("Add", ["raw", "grid"], ["y"])
        .output("y", [1, 1, 1, 1]).model;
    const model = build();
    expect(convertToFp16(model).kept).toEqual([{ node: "Add of y", opType: "Add", reason: "follows the last convolutions" }]);
    expect(opTypes(model)).toEqual(["Cast", "Neg", "Conv", "Cast", "Add"]);
    // float16 has steps of a half at 600.
    expect(numbers((await run(model, { x: float([1, 1, 1, 1], -0.125) }))["y"])).toEqual([600.125]);
    expect(convertToFp16(build(), { keepDecode: false }).kept).toEqual([]);
  });

  it("what the caller names", () => {
    expect(convertToFp16(product(1), { blockedNodes: ["Neg of b"] }).kept.map(({ reason }) => reason)).toEqual(["named by the caller"]);
    expect(convertToFp16(product(1), { blockedOps: ["Mul"] }).kept.map(({ opType }) => opType)).toEqual(["Mul"]);
  });

  it("models below opset 7 are refused", () => {
    expect(() => convertToFp16(new Builder(6).model)).toThrow(expect.objectContaining({ code: "MODEL_UNSUPPORTED" }));
  });
});

describe("quantised models", () => {
  const quantised = (opset: number, scale: number) => {
    const builder = new Builder(opset).input("x", [3]).floats("scale", [], scale);
    builder.graph.addInitializer({ name: "zero", dataType: "uint8", dims: [], data: Uint8Array.of(10) });
    return builder
      .node("Neg", ["x"], ["a"])
      .node("QuantizeLinear", ["a", "scale", "zero"], ["q"])
      .node("DequantizeLinear", ["q", "scale", "zero"], ["d"])
      .node("Neg", ["d"], ["y"])
      .output("y", [3]).model;
  };
  const x = float([3], 0.5, -1.25, -100);

  it.each([
    [13, 0.25, ["QuantizeLinear", "DequantizeLinear"]],
    [19, 0.25, []],
    [21, 0.25, []],
    [21, 1e-5, ["QuantizeLinear", "DequantizeLinear"]],
  ])("opset %s, scale %s keeps %s", async (opset, scale, kept) => {
    const expected = numbers((await run(quantised(opset, scale), { x }))["y"]);
    const model = quantised(opset, scale);
    expect(convertToFp16(model).kept.map(({ opType }) => opType)).toEqual(kept);
    const actual = numbers((await run(model, { x }))["y"]);
    for (const [at, value] of expected.entries()) expect(actual[at]).toBeCloseTo(value, 5);
  });
});

it("ConstantOfShape and Constant nodes follow their readers", async () => {
  const { model } = new Builder(13)
    .input("x", [2])
    .node("Shape", ["x"], ["shape"])
    .node("ConstantOfShape", ["shape"], ["fill"], {
      value: { type: "tensor", value: { name: "value", dataType: "float32", dims: [1], data: Float32Array.of(1.5) } },
    })
    .node("Constant", [], ["two"], { value_float: { type: "float", value: 2 } })
    .node("Add", ["x", "fill"], ["sum"])
    .node("Mul", ["sum", "two"], ["y"])
    .node("Max", ["y", "two"], ["z"])
    .output("z", [2]);
  expect(convertToFp16(model).kept.map(({ opType }) => opType)).toEqual(["Max"]);
  expect([...model.graph.initializers.values()].map(({ dataType }) => dataType).sort()).toEqual(["float16", "float32"]);
  expect(numbers((await run(model, { x: float([2], 1, -3) }))["z"])).toEqual([5, 2]);
});
