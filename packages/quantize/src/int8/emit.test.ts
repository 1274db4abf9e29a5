import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { exactWeightBits } from "@octet/inference/integer-kernels";
import { type LoadChoices, OnnxSession, onnxRuntime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { decodeModel } from "@octet/onnx/io/decode-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { GraphNode, Model } from "@octet/onnx/ir/model";
import { floatsOf, type Tensor } from "@octet/onnx/ir/tensor";
import { addInput, addOp, addOutput, floatTensor, newModel } from "@octet/onnx/testing/build-graph";
import { beforeAll, describe, expect, it } from "vitest";
import { errorStatistics } from "../numeric/error-statistics.ts";
import { quantizeBias, quantizeWeights } from "../numeric/weights.ts";
import type { Reconstruction } from "../refine/reconstruct.ts";
import type { RuntimeTensor } from "../runtime.ts";
import { emitQdq } from "./emit.ts";
import { buildParamTable } from "./param-table.ts";
import { planForOnnxRuntime, quantisedValues, sharedForOnnxRuntime } from "./plan-onnxruntime.ts";
import { prepareFloat } from "./prepare.ts";
import { type Calibration, calibrate, decideByRule, quantizeCalibrated } from "./quantize-model.ts";
import { addConv, imageSize, noiseImages, residualNetwork } from "./testing/residual-network.ts";
import { findUnits, type Unit } from "./units.ts";

const [feed] = noiseImages(1, 9);

async function run(model: Model, choices: LoadChoices = {}): Promise<Record<string, RuntimeTensor>> {
  const session = await OnnxSession.load(encodeModel(model), { threads: 1, ...choices });
  try {
    return await session.run(feed!);
  } finally {
    await session.close();
  }
}

/** How many kernels of each kind ONNX Runtime makes of a model. */
async function kernelsOf(model: Model): Promise<Record<string, number>> {
  const folder = await mkdtemp(path.join(tmpdir(), "octet-emit-"));
  try {
    const file = path.join(folder, "optimised.onnx");
    await run(model, { optimise: "all", optimisedModelPath: file });
    const counts: Record<string, number> = {};
    for (const { opType } of decodeModel(await readFile(file)).graph.nodes) counts[opType] = (counts[opType] ?? 0) + 1;
    return counts;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const byName = ({ graph }: Model, name: string): GraphNode => graph.nodes.find((node) => node.name === name)!;

/** The integers, scales and zero points of an input that is dequantised; null where it is float. */
function dequantised({ graph }: Model, node: GraphNode, position: number): { data: Tensor; scale: Tensor; zeroPoint: Tensor } | null {
  const producer = graph.producer(node.inputs[position]!);
  if (producer?.opType !== "DequantizeLinear") return null;
  const [data, scale, zeroPoint] = producer.inputs.map((name) => graph.initializers.get(name)!) as [Tensor, Tensor, Tensor];
  return { data, scale, zeroPoint };
}

const floatInput = ({ graph }: Model, node: GraphNode, position: number): Float32Array =>
  floatsOf(graph.initializers.get(node.inputs[position]!)!);

describe("a quantised network with SiLU, residual addition, MaxPool and Concat", () => {
  let calibration: Calibration;
  let model: Model;
  beforeAll(async () => {
    calibration = await calibrate(residualNetwork(), {
      target: "onnxruntime",
      method: "minmax",
      runtime: onnxRuntime,
      feeds: () => noiseImages(4),
    });
    ({ model } = quantizeCalibrated(calibration, { weightBits: exactWeightBits() }));
  });

  it("is valid, and keeps names and shapes of inputs and outputs", () => {
    checkModel(model);
    const interfaceOf = ({ graph }: Model) => [graph.inputs, graph.outputs].map((list) => list.map(({ name, shape }) => [name, shape]));
    expect(interfaceOf(model)).toEqual(interfaceOf(calibration.prepared));
    expect(model.graph.producer("mid.act")?.opType).toBe("DequantizeLinear");
  });

  it("runs in integer kernels, heads in float", async () => {
    const counts = await kernelsOf(model);
    expect(counts).toMatchObject({ QLinearConv: 3, QLinearAdd: 1, QLinearMul: 1, QLinearSigmoid: 1, QLinearConcat: 1 });
    // Moved to channels-last on some hosts.
    expect((counts["MaxPool"] ?? 0) + (counts["NhwcMaxPool"] ?? 0)).toBe(1);
    expect(counts["QuantizeLinear"]).toBe(1);
    expect(counts).not.toHaveProperty("Relu");
  });

  it("computes nearly what the float network does", async () => {
    const float = await run(calibration.prepared);
    for (const choices of [{ optimise: "all" }, { simulate: true }] as const) {
      const quantised = await run(model, choices);
      expect(Object.keys(quantised)).toEqual(["mid.act", "scores", "boxes"]);
      for (const [name, { data, dims }] of Object.entries(quantised)) {
        expect(dims).toEqual(float[name]!.dims);
        const { sqnrDb } = errorStatistics(float[name]!.data as Float32Array, data as Float32Array);
        expect(sqnrDb, name).toBeGreaterThan(25);
        expect(sqnrDb, name).toBeLessThan(80);
      }
    }
  });

  it("has a weight scale for each channel, and int32 biases at input scale times weight scale", () => {
    const { table } = quantizeCalibrated(calibration, { weightBits: exactWeightBits() });
    for (const [name, input, channels] of [
      ["node_stem", "image", 16],
      ["node_a", "stem.act", 16],
      ["node_mid", "cat", 16],
    ] as const) {
      const node = byName(model, name);
      const weight = dequantised(model, node, 1)!;
      const bias = dequantised(model, node, 2)!;
      expect([weight.data.dataType, bias.data.dataType]).toEqual(["int8", "int32"]);
      expect([weight.scale.dims, bias.scale.dims]).toEqual([[channels], [channels]]);
      expect([...weight.zeroPoint.data, ...bias.zeroPoint.data].every((zero) => Number(zero) === 0)).toBe(true);
      const { scale } = table.get(input)!;
      expect(bias.scale.data).toEqual(floatsOf(weight.scale).map((step) => scale * step));
      const float = floatInput(calibration.prepared, byName(calibration.prepared, name), 2);
      const steps = floatsOf(bias.scale);
      for (const [at, level] of (bias.data.data as Int32Array).entries())
        expect(Math.abs(level * steps[at]! - float[at]!)).toBeLessThanOrEqual(steps[at]! / 2 + 1e-6);
    }
  });

  it("uses 7 bits for weights where it is told to", () => {
    const largest = (bits: 7 | 8) => {
      const { model: quantised } = quantizeCalibrated(calibration, { weightBits: bits });
      return Math.max(...Array.from(dequantised(quantised, byName(quantised, "node_a"), 1)!.data.data as Int8Array, Math.abs));
    };
    expect([largest(7), largest(8)]).toEqual([64, 127]);
  });

  it("gives MaxPool one scale on both sides", () => {
    const { table } = quantizeCalibrated(calibration);
    expect(table.get("sum")).toEqual(table.get("pool"));
    expect(table.get("mid.act")!.zeroPoint).toBe(0);
  });

  it("keeps float what is to stay float", async () => {
    const kept = quantizeCalibrated(calibration, { keepFloat: new Map([["node_a", "sensitive"]]) });
    expect(kept.decisions.find(({ unit }) => unit.name === "node_a")).toMatchObject({ precision: "float", reason: "sensitive" });
    const node = byName(kept.model, "node_a");
    expect(floatInput(kept.model, node, 1)).toEqual(floatInput(calibration.prepared, byName(calibration.prepared, "node_a"), 1));
    expect(dequantised(kept.model, byName(kept.model, "node_mid"), 1)).not.toBeNull();
    checkModel(kept.model);
    const all = new Map(calibration.decisions.map(({ unit }) => [unit.name, "slower" as const]));
    const float = quantizeCalibrated(calibration, { keepFloat: all });
    expect(float.model.graph.nodes.some(({ opType }) => opType === "QuantizeLinear")).toBe(false);
    expect(float.decisions.find(({ unit }) => unit.name === "node_boxes")).toMatchObject({ reason: "head" });
    expect(await run(float.model)).toEqual(await run(calibration.prepared));
  });

  describe("that was refined", () => {
    const bias = Float32Array.from({ length: 16 }, (_, at) => at / 8);
    const headWeight = Float32Array.from({ length: 4 * 16 }, (_, at) => Math.sin(at));
    let refinement: Reconstruction;
    beforeAll(() => {
      const tensor = calibration.prepared.graph.initializers.get(byName(calibration.prepared, "node_a").inputs[1]!)!;
      const nearest = quantizeWeights(tensor, { axis: 0 });
      const weights = { ...nearest, data: nearest.data.map((level) => Math.max(-127, level - 1)) };
      refinement = {
        weights: new Map([["node_a", weights]]),
        floatWeights: new Map([["node_logits", headWeight]]),
        biases: new Map([
          ["node_a", bias],
          ["node_logits", bias.slice(0, 4)],
        ]),
        layers: [],
      };
    });

    it("has the weights and biases that were found", () => {
      const { model: refined } = quantizeCalibrated(calibration, { refinement });
      const node = byName(refined, "node_a");
      expect(dequantised(refined, node, 1)!.data.data).toEqual(refinement.weights.get("node_a")!.data);
      const { data, scale } = dequantised(refined, node, 2)!;
      const steps = floatsOf(scale);
      for (const [at, level] of (data.data as Int32Array).entries()) expect(level * steps[at]!).toBeCloseTo(bias[at]!, 3);
      const head = byName(refined, "node_logits");
      expect(floatInput(refined, head, 1)).toEqual(headWeight);
      expect(floatInput(refined, head, 2)).toEqual(bias.slice(0, 4));
    });

    it("has its own weights and bias again in a layer that then stays float", () => {
      const { model: kept } = quantizeCalibrated(calibration, { refinement, keepFloat: new Map([["node_a", "sensitive"]]) });
      const [node, original] = [byName(kept, "node_a"), byName(calibration.prepared, "node_a")];
      for (const position of [1, 2]) expect(floatInput(kept, node, position)).toEqual(floatInput(calibration.prepared, original, position));
      expect(floatInput(kept, byName(kept, "node_logits"), 1)).toEqual(headWeight);
    });
  });
});

describe("a deconvolution for ONNX Runtime", () => {
  const decoder = (): Model => {
    const model = newModel();
    addInput(model, "image", [1, 3, imageSize, imageSize]);
    const stem = addOp(model, "Relu", [addConv(model, "stem", "image", [8, 3, 3, 3])], "stem.act");
    model.graph.addInitializer(floatTensor("up.w", [8, 8, 2, 2], (at) => Math.sin(at) / 4));
    const up = addOp(model, "Relu", [addOp(model, "ConvTranspose", [stem, "up.w"], "up", { strides: [2, 2] })], "up.act");
    addOutput(model, addConv(model, "head", addOp(model, "Relu", [addConv(model, "mid", up, [8, 8, 1, 1])], "mid.act"), [4, 8, 1, 1]));
    return prepareFloat(model);
  };
  const rangesOf = (units: readonly Unit[]) =>
    new Map(units.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]).map((value) => [value, { min: 0, max: 4 }]));

  it("stays float between integer convolutions", async () => {
    const model = decoder();
    const units = findUnits(model).filter(({ name }) => name !== "node_head");
    expect([...quantisedValues(units)]).toEqual(["image", "stem.act", "up.act", "mid.act"]);
    const table = buildParamTable(rangesOf(units), sharedForOnnxRuntime(units), "asymmetric");
    const plan = planForOnnxRuntime(model, units, table, 8);
    expect([...plan.weighted.keys()]).toEqual(["node_stem", "node_mid"]);
    const emitted = checkModel(emitQdq(model, table, plan));
    expect(floatInput(emitted, byName(emitted, "node_up"), 1)).toEqual(floatInput(model, byName(model, "node_up"), 1));
    expect(await kernelsOf(emitted)).toMatchObject({ QLinearConv: 2, ConvTranspose: 1 });
  });

  it("is said to be unsupported", () => {
    const model = decoder();
    const decision = decideByRule(model, findUnits(model), "onnxruntime").find(({ unit }) => unit.name === "node_up");
    expect(decision).toMatchObject({ precision: "float", reason: "unsupported" });
  });

  it("has no integer kernel there, whatever stands around it", async () => {
    const model = decoder();
    const units = findUnits(model).filter(({ name }) => name !== "node_head");
    const table = buildParamTable(rangesOf(units), sharedForOnnxRuntime(units), "asymmetric");
    const values = [...rangesOf(units).keys()];
    const pairs = new Map(values.map((value) => [value, { params: table.get(value)!, readers: "all" as const }]));
    const weighted = new Map(["node_stem", "node_up", "node_mid"].map((name) => [name, { bits: 8 as const, pairs: null }]));
    const kernels = await kernelsOf(emitQdq(model, table, { weighted, pairs }));
    expect(kernels).toMatchObject({ QLinearConv: 2, ConvTranspose: 1 });
    expect(Object.keys(kernels).filter((op) => /ConvTranspose/.test(op))).toEqual(["ConvTranspose"]);
  });
});

describe("emitQdq", () => {
  /** Conv whose channel 1 has next to no weights beside its bias. */
  function imbalanced(): Model {
    const model = newModel();
    addInput(model, "image", [1, 3, 4, 4]);
    model.graph.addInitializer(floatTensor("w", [2, 3, 1, 1], [0.5, -0.25, 0.1, 1e-12, -1e-12, 1e-12]));
    model.graph.addInitializer(floatTensor("b", [2], [0.5, 100]));
    addOutput(model, addOp(model, "Conv", ["image", "w", "b"], "conv"));
    return prepareFloat(model);
  }
  const params = { scale: 0.01, zeroPoint: 0, dataType: "uint8", qmin: 0, qmax: 255 } as const;
  const plan = {
    weighted: new Map([["node_conv", { bits: 8 as const, pairs: null }]]),
    pairs: new Map([["image", { params, readers: "all" as const }]]),
  };
  const table = new Map([["image", params]]);

  it("raises the scale of a channel whose bias would not fit, and leaves found levels of the others alone", () => {
    const prepared = imbalanced();
    const found = quantizeWeights(prepared.graph.initializers.get(prepared.graph.nodes[0]!.inputs[1]!)!, { axis: 0 });
    const weights = { ...found, data: Int8Array.of(126, -63, 26, 127, -127, 127) };
    const model = emitQdq(prepared, table, plan, { weights: new Map([["node_conv", weights]]) });
    const node = byName(model, "node_conv");
    const weight = dequantised(model, node, 1)!;
    expect([...(weight.data.data as Int8Array)]).toEqual([126, -63, 26, 0, 0, 0]);
    const { scales, weightScales } = quantizeBias(Float32Array.of(0.5, 100), params.scale, found.scales);
    expect(weight.scale.data).toEqual(weightScales);
    const bias = dequantised(model, node, 2)!;
    expect(bias.scale.data).toEqual(scales);
    expect((bias.data.data as Int32Array)[1]! * scales[1]!).toBeCloseTo(100, 3);
  });

  it("writes a bias in float where it is asked to", () => {
    const model = emitQdq(imbalanced(), table, plan, { integerBias: false, biases: new Map([["node_conv", Float32Array.of(1, 2)]]) });
    expect(floatInput(model, byName(model, "node_conv"), 2)).toEqual(Float32Array.of(1, 2));
  });

  it("lets float readers read the float value, and integer readers share one Q", () => {
    const model = newModel();
    addInput(model, "image", [1, 3, 4, 4]);
    for (const name of ["a", "b", "c"]) {
      model.graph.addInitializer(floatTensor(`${name}.w`, [2, 3, 1, 1], [1, 2, 3, 4, 5, 6]));
      addOutput(model, addOp(model, "Conv", ["image", `${name}.w`], name));
    }
    const weighted = new Map([
      ["node_a", { bits: 8 as const, pairs: null }],
      ["node_b", { bits: 8 as const, pairs: null }],
    ]);
    const pairs = new Map([["image", { params, readers: new Set(["node_a", "node_b"]) }]]);
    const emitted = checkModel(emitQdq(prepareFloat(model), table, { weighted, pairs }));
    expect(byName(emitted, "node_c").inputs[0]).toBe("image");
    expect(byName(emitted, "node_a").inputs[0]).toBe(byName(emitted, "node_b").inputs[0]);
    expect(emitted.graph.nodes.filter(({ opType }) => opType === "QuantizeLinear")).toHaveLength(1);
  });
});
