import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { OnnxSession, onnxRuntime } from "@octet/inference/onnx-runtime";
import { sessionOptions } from "@octet/inference/session-options";
import { checkModel } from "@octet/onnx/check/check-model";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { readModelFile } from "@octet/onnx/io/model-file";
import type { Dim, Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import { detectorFiles } from "@octet/onnx/testing/detectors";
import { randomFrom } from "@octet/onnx/testing/run-model";
import { InferenceSession } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { collectRanges } from "../calibrate/collect.ts";
import { createObserver } from "../calibrate/observers.ts";
import type { Range } from "../calibrate/range-observer.ts";
import type { RuntimeTensor } from "../runtime.ts";
import { type EmitPlan, emitQdq } from "./emit.ts";
import { emitTensorRt } from "./emit-tensorrt.ts";
import { buildParamTable, type ParamTable } from "./param-table.ts";
import { planForTensorRt, quantisedForTensorRt, sharedForTensorRt } from "./plan-tensorrt.ts";
import { prepareFloat } from "./prepare.ts";
import { checkTensorRtRules } from "./tensorrt-rules.ts";
import { selectForTensorRt } from "./tensorrt-selection.ts";
import { findUnits } from "./units.ts";

/** Builds a network layer by layer; values are named after what makes them. */
class Network {
  readonly model = newModel();
  private seed = 1;

  input(channels: number, size = 16, batch: Dim = 1): string {
    return addInput(this.model, "image", [batch, channels, size, size]);
  }

  conv(name: string, input: string, channels: readonly [number, number], { kernel = [1, 1], group = 1, bias = true } = {}): string {
    const [from, to] = channels;
    const random = randomFrom(this.seed++);
    const dims = [to, from / group, ...kernel];
    this.model.graph.addInitializer(floatTensor(`${name}.w`, dims, () => (random() - 0.5) / Math.sqrt(from / group)));
    if (bias) this.model.graph.addInitializer(floatTensor(`${name}.b`, [to], () => random() - 0.5));
    const pads = [...kernel, ...kernel].map((size) => size >> 1);
    return addOp(this.model, "Conv", [input, `${name}.w`, ...(bias ? [`${name}.b`] : [])], name, {
      kernel_shape: [...kernel],
      pads,
      group,
    });
  }

  /** Twice the size, with a bias. */
  deconv(name: string, input: string, [from, to]: readonly [number, number], group = 1): string {
    const random = randomFrom(this.seed++);
    this.model.graph.addInitializer(floatTensor(`${name}.w`, [from, to / group, 2, 2], () => (random() - 0.5) / Math.sqrt(from / group)));
    this.model.graph.addInitializer(floatTensor(`${name}.b`, [to], () => random() - 0.5));
    return addOp(this.model, "ConvTranspose", [input, `${name}.w`, `${name}.b`], name, { kernel_shape: [2, 2], strides: [2, 2], group });
  }

  silu(name: string, input: string): string {
    return addOp(this.model, "Mul", [input, addOp(this.model, "Sigmoid", [input], `${name}.sigmoid`)], name);
  }

  op(opType: string, inputs: string[], name: string, attributes: Parameters<typeof addOp>[4] = {}): string {
    return addOp(this.model, opType, inputs, name, attributes);
  }

  double(name: string, input: string): string {
    this.model.graph.addInitializer(floatTensor("twice", [4], [1, 1, 2, 2]));
    const attributes = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    return this.op("Resize", [input, "", "twice"], name, attributes);
  }

  pool(name: string, input: string): string {
    return this.op("MaxPool", [input], name, { kernel_shape: [5, 5], pads: [2, 2, 2, 2] });
  }

  output(value: string): Model {
    addOutput(this.model, value);
    return prepareFloat(this.model);
  }
}

async function calibrate(model: Model, feed: Record<string, RuntimeTensor>): Promise<Map<string, Range>> {
  const observers = new Map([...quantisedForTensorRt(model, findUnits(model))].map((value) => [value, createObserver("minmax")]));
  await collectRanges(model, observers, "extents", { runtime: onnxRuntime, feeds: [feed] });
  return new Map([...observers].map(([value, observer]) => [value, observer.range()]));
}

function noise(model: Model, high: number): Record<string, RuntimeTensor> {
  const [input] = model.graph.inputs;
  const dims = input!.shape!.map((dim) => (typeof dim === "number" ? dim : 1));
  const random = randomFrom(7);
  return { [input!.name]: { dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => high * random()) } };
}

async function run(model: Model, feed: Record<string, RuntimeTensor>): Promise<Record<string, RuntimeTensor>> {
  const session = await OnnxSession.load(encodeModel(model), { optimise: "none" });
  try {
    return await session.run(feed);
  } finally {
    await session.close();
  }
}

const tableOf = (model: Model, ranges: ReadonlyMap<string, Range>) =>
  buildParamTable(ranges, sharedForTensorRt(model, findUnits(model)), "symmetric");

/** Which nodes read which value in int8, with ranges made up. */
function readersIn(model: Model): Record<string, string[]> {
  const ranges = new Map([...quantisedForTensorRt(model, findUnits(model))].map((value, at) => [value, { min: -1 - at, max: 1 }]));
  const { pairs } = planForTensorRt(model, findUnits(model), tableOf(model, ranges));
  return Object.fromEntries([...pairs].map(([value, { readers }]) => [value, [...(readers as Set<string>)].sort()]));
}

/** A narrow YOLO: stem, bottleneck, pooling pyramid, upsampling path, head. */
function yolo(): Model {
  const net = new Network();
  const stem = net.silu("stem.act", net.conv("stem", net.input(3), [3, 16], { kernel: [3, 3] }));
  const first = net.silu("first.act", net.conv("first", stem, [16, 16]));
  const inner = net.silu("inner.act", net.conv("inner", first, [16, 16], { kernel: [3, 3] }));
  const sum = net.op("Add", [first, inner], "sum");
  const side = net.silu("side.act", net.conv("side", stem, [16, 16]));
  const joined = net.silu("joined.act", net.conv("joined", net.op("Concat", [sum, side], "cat", { axis: 1 }), [32, 16]));
  const small = net.pool("small", joined);
  const large = net.pool("large", small);
  const pyramid = net.conv("pyramid", net.op("Concat", [joined, small, large], "spp", { axis: 1 }), [48, 16]);
  const up = net.conv("up", net.double("resized", net.silu("pyramid.act", pyramid)), [16, 16], { kernel: [3, 3] });
  const head = net.conv("head", net.op("Relu", [up], "up.act"), [16, 18]);
  return net.output(net.op("Sigmoid", [head], "scores"));
}

describe("planForTensorRt", () => {
  it("puts Q/DQ at the inputs of layers, the skip branch of additions, and over Concat, MaxPool and Resize", () => {
    expect(readersIn(yolo())).toEqual({
      image: ["node_stem"],
      "stem.act": ["node_first", "node_side"],
      "first.act": ["node_inner", "node_sum"],
      sum: ["node_cat"],
      "side.act": ["node_cat"],
      cat: ["node_joined"],
      "joined.act": ["node_small", "node_spp"],
      small: ["node_large", "node_spp"],
      large: ["node_spp"],
      spp: ["node_pyramid"],
      "pyramid.act": ["node_resized"],
      resized: ["node_up"],
    });
  });

  it("gives all around Concat, MaxPool and Resize one scale, that of the widest", () => {
    const model = yolo();
    const widths = { sum: 2, "side.act": 5, cat: 3, "joined.act": 1, small: 4, large: 6, spp: 7, "pyramid.act": 8, resized: 9, image: 1 };
    const table = tableOf(model, new Map(Object.entries(widths).map(([value, max]) => [value, { min: 0, max }])));
    const widest = (value: string) => Math.round(table.get(value)!.scale * 127);
    expect(["sum", "side.act", "cat"].map(widest)).toEqual([5, 5, 5]);
    expect(["joined.act", "small", "large", "spp"].map(widest)).toEqual([7, 7, 7, 7]);
    expect(["pyramid.act", "resized", "image"].map(widest)).toEqual([9, 9, 1]);
    for (const { dataType, zeroPoint } of table.values()) expect([dataType, zeroPoint]).toEqual(["int8", 0]);
  });

  it("of a projected shortcut takes the shorter branch for the skip", () => {
    const net = new Network();
    const stem = net.op("Relu", [net.conv("stem", net.input(16), [16, 16])], "stem.act");
    const projected = net.conv("projected", stem, [16, 16]);
    const long = net.conv("b", net.op("Relu", [net.conv("a", stem, [16, 16])], "a.act"), [16, 16]);
    const sum = net.op("Relu", [net.op("Add", [long, projected], "sum")], "sum.act");
    const model = net.output(net.conv("head", sum, [16, 16]));
    expect(readersIn(model)).toEqual({
      image: ["node_stem"],
      "stem.act": ["node_a", "node_projected"],
      "a.act": ["node_b"],
      projected: ["node_sum"],
    });
  });

  it("leaves an addition float whose layer somebody else reads too, and what a float node reads beside", () => {
    const net = new Network();
    const stem = net.op("Relu", [net.conv("stem", net.input(16), [16, 16])], "stem.act");
    const layer = net.conv("layer", stem, [16, 16]);
    const sum = net.op("Add", [stem, layer], "sum");
    const joined = net.op("Concat", [sum, layer], "cat", { axis: 1 });
    const next = net.conv("next", joined, [32, 16]);
    const model = net.output(net.conv("head", net.op("Add", [next, net.op("ReduceMean", [joined], "mean")], "last"), [16, 16]));
    // The Concat is read by ReduceMean in float: only what the convolution reads is rounded.
    expect(readersIn(model)).toEqual({ image: ["node_stem"], "stem.act": ["node_layer"], cat: ["node_next"] });
  });

  it("uses nothing but the units that it is given", () => {
    const model = yolo();
    const units = findUnits(model).filter(({ name }) => !["node_cat", "node_sum", "node_up"].includes(name));
    const values = quantisedForTensorRt(model, units);
    expect(values.has("cat")).toBe(true);
    for (const left of ["sum", "side.act", "pyramid.act", "resized"]) expect(values.has(left), left).toBe(false);
    expect(selectForTensorRt(model, selectForTensorRt(model, units))).toEqual(selectForTensorRt(model, units));
  });

  it("keeps a layer float whose input has no parameters, and refuses those of another target", () => {
    const model = yolo();
    const units = findUnits(model);
    const partial = new Map([["cat", { min: 0, max: 1 }]]);
    const plan = planForTensorRt(model, units, buildParamTable(partial, sharedForTensorRt(model, units), "symmetric"));
    expect([...plan.weighted.keys()]).toEqual(["node_joined"]);
    const asymmetric = buildParamTable(partial, sharedForTensorRt(model, units), "asymmetric");
    expect(() => planForTensorRt(model, units, asymmetric)).toThrow(/"cat" has uint8/);
  });
});

describe("selectForTensorRt", () => {
  /** Whether a layer between two others is taken. */
  function takes(channels: readonly [number, number], options: Parameters<Network["conv"]>[3] = {}): boolean {
    const net = new Network();
    const before = net.conv("before", net.input(16), [16, channels[0]]);
    const model = net.output(net.conv("head", net.conv("layer", before, channels, options), [channels[1], 16]));
    return selectForTensorRt(model, findUnits(model)).some(({ name }) => name === "node_layer");
  }

  it.each<[string, readonly [number, number], Parameters<Network["conv"]>[3], boolean]>([
    ["16 channels on both sides", [16, 16], {}, true],
    ["a narrow side that is no multiple of 8, beside a wide one that is", [16, 12], {}, true],
    ["a narrow side beside a wide one, none a multiple of 8", [12, 20], {}, false],
    ["two narrow sides", [8, 8], {}, false],
    ["a narrow side with a kernel that is not square", [16, 8], { kernel: [1, 3] }, false],
    ["depthwise 3×3", [24, 24], { group: 24, kernel: [3, 3] }, true],
    ["depthwise 3×3 of 20 channels", [20, 20], { group: 20, kernel: [3, 3] }, false],
    ["depthwise 1×1", [24, 24], { group: 24 }, false],
  ])("%s", (_, channels, options, taken) => {
    expect(takes(channels, options)).toBe(taken);
  });

  it("takes a narrow first layer, and leaves the last ones", () => {
    const net = new Network();
    const first = net.conv("first", net.input(3), [3, 8], { kernel: [3, 3] });
    const model = net.output(net.conv("head", first, [8, 16]));
    expect(selectForTensorRt(model, findUnits(model)).map(({ name }) => name)).toEqual(["node_first"]);
  });

  it.each<[Dim, number, boolean]>([
    [1, 8, true],
    ["batch", 8, true],
    [1, 1, false],
  ])("takes a matrix product of batch %s by %i rows: %s", (batch, rows, taken) => {
    const model = newModel();
    addInput(model, "x", [batch, rows, 32]);
    model.graph.addInitializer(floatTensor("a", [32, 32], (at) => Math.sin(at)));
    addOp(model, "MatMul", [addOp(model, "MatMul", ["x", "a"], "hidden"), "a"], "y");
    addOutput(model, "y");
    const prepared = prepareFloat(model);
    expect(selectForTensorRt(prepared, findUnits(prepared)).length > 0).toBe(taken);
  });
});

describe("a deconvolution", () => {
  const decoder = ([from, to]: readonly [number, number] = [16, 24], group = 1): Model => {
    const net = new Network();
    const stem = net.op("Relu", [net.conv("stem", net.input(3), [3, from], { kernel: [3, 3] })], "stem.act");
    const up = net.op("Relu", [net.deconv("up", stem, [from, to], group)], "up.act");
    return net.output(net.conv("head", net.op("Relu", [net.conv("mid", up, [to, 16])], "mid.act"), [16, 8]));
  };

  it.each<[string, readonly [number, number], number, boolean]>([
    ["16 channels on both sides", [16, 24], 1, true],
    ["a narrow input", [8, 24], 1, false],
    ["a narrow output", [24, 8], 1, false],
    ["groups", [32, 32], 2, false],
  ])("with %s", (_, channels, group, taken) => {
    const model = decoder(channels, group);
    expect(selectForTensorRt(model, findUnits(model)).some(({ name }) => name === "node_up")).toBe(taken);
  });

  it("reads int8, and has int8 weights of one scale and a float bias", async () => {
    const model = decoder();
    const feed = noise(model, 1);
    const table = tableOf(model, await calibrate(model, feed));
    const plan = planForTensorRt(model, findUnits(model), table);
    expect([...plan.weighted.keys()]).toEqual(["node_stem", "node_up", "node_mid"]);
    expect(readersIn(model)).toEqual({ image: ["node_stem"], "stem.act": ["node_up"], "up.act": ["node_mid"] });
    const emitted = checkModel(emitTensorRt(model, table, plan));
    expect(checkTensorRtRules(emitted)).toEqual([]);
    const up = emitted.graph.nodes.find(({ name }) => name === "node_up")!;
    const [levels, scale] = emitted.graph.producer(up.inputs[1]!)!.inputs.map((name) => emitted.graph.initializers.get(name)!);
    expect([levels!.dataType, levels!.dims, scale!.dims, emitted.graph.initializers.get(up.inputs[2]!)?.dataType]).toEqual([
      "int8",
      [16, 24, 2, 2],
      [],
      "float32",
    ]);

    // Against float weights that are written as what the integers stand for.
    const twin = emitTensorRt(model, table, { ...plan, weighted: new Map([...plan.weighted].filter(([name]) => name !== "node_up")) });
    const step = (scale!.data as Float32Array)[0]!;
    const original = model.graph.initializers.get("up.w")!.data as Float32Array;
    const rounded = Float32Array.from(levels!.data as Int8Array, (level) => level * step);
    for (const [at, value] of rounded.entries()) expect(Math.abs(value - original[at]!)).toBeLessThanOrEqual(step * 0.5001);
    twin.graph.addInitializer({ ...twin.graph.initializers.get("up.w")!, data: rounded });
    const [results, expected, float] = [await run(emitted, feed), await run(twin, feed), await run(model, feed)];
    expect(results["head"]!.data).toEqual(expected["head"]!.data);
    expect(sqnr(float["head"]!.data, results["head"]!.data)).toBeGreaterThan(25);
    const half = checkModel(emitTensorRt(model, table, plan, { half: true }));
    expect(checkTensorRtRules(half)).toEqual([]);
    expect(sqnr(float["head"]!.data, (await run(half, feed))["head"]!.data)).toBeGreaterThan(25);
  });
});

/** The same numbers as uint8 with 128 in the middle. */
const asUint8 = (table: ParamTable): ParamTable =>
  new Map([...table].map(([value, { scale }]) => [value, { scale, zeroPoint: 128, dataType: "uint8", qmin: 0, qmax: 255 }]));

/** One that is always here and, with SiLU and residual additions, one of the test data; the others have nothing that these have not. */
const detectors = detectorFiles().filter((file) => /mnet|yolov5n-0\.5/.test(file));

const cases: [name: string, file: string | null][] = [
  ["a narrow YOLO", null],
  ...detectors.map((file) => [path.basename(file), file] as [string, string]),
];

describe.each(cases)("emitTensorRt on %s", (_, file) => {
  let model: Model;
  let feed: Record<string, RuntimeTensor>;
  let table: ParamTable;
  let plan: EmitPlan;
  let float: Record<string, RuntimeTensor>;
  let emitted: Model;
  let results: Record<string, RuntimeTensor>;
  beforeAll(async () => {
    model = file ? prepareFloat(await readModelFile(file)) : yolo();
    feed = noise(model, file?.includes("mnet") ? 255 : 1);
    table = tableOf(model, await calibrate(model, feed));
    plan = planForTensorRt(model, findUnits(model), table);
    emitted = emitTensorRt(model, table, plan);
    [float, results] = [await run(model, feed), await run(emitted, feed)];
  });

  it("writes a model that is valid and keeps the rules", () => {
    expect(plan.weighted.size).toBeGreaterThan(3);
    checkModel(emitted);
    expect(checkTensorRtRules(emitted)).toEqual([]);
  });

  it("computes what uint8 at the same scales does, to the bit", async () => {
    const unsigned = asUint8(table);
    const pairs = new Map([...plan.pairs].map(([value, { readers }]) => [value, { params: unsigned.get(value)!, readers }]));
    const twin = emitQdq(model, unsigned, { ...plan, pairs }, { integerBias: false });
    expect(checkTensorRtRules(twin).map(({ rule }) => rule)).toContain("integer-type");
    const same = await run(twin, feed);
    for (const [name, { data }] of Object.entries(results)) {
      expect(Buffer.from(data.buffer).equals(Buffer.from(same[name]!.data.buffer)), name).toBe(true);
      expect(Buffer.from(data.buffer).equals(Buffer.from(float[name]!.data.buffer)), name).toBe(false);
    }
  });

  it("reaches TensorRT as it is written, through ONNX Runtime's optimiser as the live path sets it", async () => {
    const extra = sessionOptions("tensorrt").extra!;
    expect(checkTensorRtRules(await optimised(emitted, extra))).toEqual([]);
    // What the setting is for, and why it is not the other one.
    // (Of the biases only those are touched whose layer a Q follows, directly or after a ReLU.)
    if (file) expect(rulesBroken(await optimised(emitted, {}))).toEqual(["integer-type"]);
    expect(rulesBroken(await optimised(emitted, { session: { disable_quant_qdq: "1" } }))).toEqual(["float-weights"]);
  });

  it("writes the rest in float16, with no cast between a DQ and its layer, and hardly more noise", async () => {
    const halved = checkModel(emitTensorRt(model, table, plan, { half: true }));
    expect(halved.opsets.get("")).toBe(19);
    expect(checkTensorRtRules(halved)).toEqual([]);
    const scales = halved.graph.nodes
      .filter(({ opType }) => opType === "DequantizeLinear")
      .map(({ inputs }) => halved.graph.initializers.get(inputs[1]!)?.dataType);
    expect(new Set(scales)).toEqual(new Set(["float16"]));
    const half = await run(halved, feed);
    for (const [name, { data }] of Object.entries(float))
      expect(sqnr(data, half[name]!.data), name).toBeGreaterThan(sqnr(data, results[name]!.data) - 3);
  });
});

const rulesBroken = (model: Model): string[] => [...new Set(checkTensorRtRules(model).map(({ rule }) => rule))];

/** The graph that ONNX Runtime would give its providers to choose from: after the optimisations that come before them. */
async function optimised(model: Model, extra: Record<string, unknown>): Promise<Model> {
  const folder = await mkdtemp(path.join(tmpdir(), "octet-optimised-"));
  try {
    const optimizedModelFilePath = path.join(folder, "optimised.onnx");
    const session = await InferenceSession.create(encodeModel(model), {
      graphOptimizationLevel: "basic",
      optimizedModelFilePath,
      logSeverityLevel: 4,
      extra,
    });
    await session.release();
    return decodeModel(await readFile(optimizedModelFilePath));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function sqnr(expected: ArrayLike<number | bigint>, actual: ArrayLike<number | bigint>): number {
  let [signal, noiseSum] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    const x = Number(expected[at]);
    signal += x * x;
    noiseSum += (x - Number(actual[at])) ** 2;
  }
  return 10 * Math.log10(signal / noiseSum);
}
