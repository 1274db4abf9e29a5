import { onnxRuntime as runtime } from "@octet/inference/onnx-runtime";
import { cloneModel } from "@octet/onnx/io/clone-model";
import { decodeModel } from "@octet/onnx/io/decode-model";
import type { GraphNode, Model } from "@octet/onnx/ir/model";
import { floatsOf, type Tensor } from "@octet/onnx/ir/tensor";
import { describe, expect, it } from "vitest";
import { errorStatistics } from "../numeric/error-statistics.ts";
import { quantizeWeights } from "../numeric/weights.ts";
import type { Activation } from "./activation.ts";
import { adaroundLayers, type RoundingLayer } from "./adaround-layers.ts";
import { correctBiases } from "./bias-correction.ts";
import { equalizeLayers } from "./cross-layer-equalization.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { seededRandom } from "./random.ts";
import { paired, type Values, valueSource } from "./value-source.ts";

const size = 12;

/** Conv → activation → depthwise Conv → activation → Conv, with ranges that differ much between channels. */
function network(activation: "Relu" | "LeakyRelu" | "Silu", extraReader = false): Model {
  const random = seededRandom(11);
  const g = new GraphBuilder();
  const conv = (input: string, channels: number, outputs: number, groups: number) => {
    const dims = [outputs, channels / groups, 3, 3];
    const per = dims[1]! * 9;
    const weight = Float32Array.from({ length: outputs * per }, (_, i) => (random() - 0.4) * 2 ** (Math.floor(i / per) % 4));
    const bias = Float32Array.from({ length: outputs }, () => random() - 0.5);
    return g.op("Conv", [input, g.constant(dims, weight), g.constant([outputs], bias)], {
      pads: { type: "ints", value: [1n, 1n, 1n, 1n] },
      group: { type: "int", value: BigInt(groups) },
    });
  };
  const act = (x: string) => (activation === "Silu" ? g.op("Mul", [x, g.op("Sigmoid", [x])]) : g.op(activation, [x]));
  const first = act(conv(g.input("x", [1, 3, size, size]), 3, 8, 1));
  const second = act(conv(first, 8, 8, 8));
  g.output("y", conv(second, 8, 4, 1));
  if (extraReader) g.output("z", first);
  return decodeModel(g.encode());
}

function images(count: number, seed: number): Values[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    x: { dims: [1, 3, size, size], data: Float32Array.from({ length: 3 * size * size }, random) },
  }));
}

const convs = (model: Model) => model.graph.nodes.filter(({ opType }) => opType === "Conv");

/** A copy with the weights of some layers replaced by what few bits leave of them, and biases. */
function quantised(
  model: Model,
  levels: ReadonlyMap<string, Int8Array>,
  scales: ReadonlyMap<string, Float32Array>,
  biases?: ReadonlyMap<string, Float32Array>,
) {
  const copy = cloneModel(model);
  for (const node of convs(copy)) {
    const weight = copy.graph.initializers.get(node.inputs[1]!)!;
    const steps = scales.get(node.name)!;
    const per = floatsOf(weight).length / steps.length;
    weight.data = Float32Array.from(levels.get(node.name)!, (level, i) => level * steps[Math.floor(i / per)]!);
    const bias = biases?.get(node.name);
    if (bias) copy.graph.initializers.get(node.inputs[2]!)!.data = bias;
  }
  return copy;
}

/** Steps of 4 bits, and the nearest levels. */
function fourBits(model: Model) {
  const levels = new Map<string, Int8Array>();
  const scales = new Map<string, Float32Array>();
  for (const node of convs(model)) {
    const weight = model.graph.initializers.get(node.inputs[1]!)!;
    const steps = quantizeWeights(weight, { axis: 0 }).scales.map((scale) => (scale * 127) / 7);
    scales.set(node.name, steps);
    levels.set(node.name, quantizeWeights(weight, { axis: 0, scales: steps }).data);
  }
  return { levels, scales };
}

async function outputError(a: Model, b: Model, feeds: Values[]): Promise<number> {
  let sum = 0;
  for await (const [x, y] of paired(valueSource(a, feeds, runtime), ["y"], valueSource(b, feeds, runtime), ["y"])) {
    sum += errorStatistics(x["y"]!.data as Float32Array, y["y"]!.data as Float32Array).mse;
  }
  return sum / feeds.length;
}

describe("equalizeLayers", () => {
  it.each(["Relu", "LeakyRelu"] as const)("evens out the channels before %s, and changes no output", async (activation) => {
    const model = network(activation);
    const expected = network(activation);
    const pairs = equalizeLayers(model);
    expect(pairs.map(({ channels }) => channels)).toEqual([8, 8]);
    expect(pairs[0]!.spreadAfter).toBeLessThan(pairs[0]!.spreadBefore);
    const feeds = images(2, 1);
    for await (const [a, b] of paired(valueSource(expected, feeds, runtime), ["y"], valueSource(model, feeds, runtime), ["y"])) {
      expect(errorStatistics(a["y"]!.data as Float32Array, b["y"]!.data as Float32Array).sqnrDb).toBeGreaterThan(110);
    }
  });

  it("makes one step for the whole tensor lose less", async () => {
    const coarse = (model: Model) => {
      const copy = cloneModel(model);
      for (const node of convs(copy)) {
        const weight = copy.graph.initializers.get(node.inputs[1]!)!;
        const { data, scales } = quantizeWeights(weight, { axis: null });
        weight.data = Float32Array.from(data, (level) => level * scales[0]!);
      }
      return copy;
    };
    // What training may leave: channels of the first layer that are large where the second one's are small.
    const model = network("Relu");
    const [first, second] = convs(model).map(({ inputs }) => model.graph.initializers.get(inputs[1]!)!) as [Tensor, Tensor];
    const bias = model.graph.initializers.get(convs(model)[0]!.inputs[2]!)!;
    const factor = (channel: number) => 4 ** (channel % 4);
    first.data = floatsOf(first).map((value, i) => value * factor(Math.floor(i / 27)));
    bias.data = floatsOf(bias).map((value, channel) => value * factor(channel));
    second.data = floatsOf(second).map((value, i) => value / factor(Math.floor(i / 9)));
    const equalised = cloneModel(model);
    equalizeLayers(equalised);
    const feeds = images(4, 2);
    expect(await outputError(model, coarse(equalised), feeds)).toBeLessThan((await outputError(model, coarse(model), feeds)) / 2);
  });

  it("leaves SiLU, and values with further readers, alone", () => {
    expect(equalizeLayers(network("Silu"))).toEqual([]);
    expect(equalizeLayers(network("Relu", true)).map(({ first }) => first)).toHaveLength(1);
  });
});

describe("correctBiases", () => {
  it("lowers the error of the output, and says what it kept", async () => {
    const model = network("Relu");
    const feeds = images(6, 3);
    const { levels, scales } = fourBits(model);
    const nodes = convs(model);
    const { biases, layers } = await correctBiases({
      layers: nodes.map(({ name, inputs, outputs }) => ({
        name,
        output: outputs[0]!,
        bias: floatsOf(model.graph.initializers.get(inputs[2]!)!),
      })),
      float: valueSource(model, feeds, runtime),
      quantised: (some) => valueSource(quantised(model, levels, scales, some), feeds, runtime),
    });
    for (const { kept, before, after } of layers) if (kept) expect(after).toBeLessThan(before);
    expect(layers.filter(({ kept }) => kept).length).toBe(biases.size);
    expect(biases.size).toBeGreaterThan(0);
    const unseen = images(4, 4);
    const corrected = await outputError(model, quantised(model, levels, scales, biases), unseen);
    expect(corrected).toBeLessThan((await outputError(model, quantised(model, levels, scales), unseen)) * 0.9);
  });

  it("keeps nothing where nothing is wrong", async () => {
    const model = network("Relu");
    const feeds = images(1, 5);
    const [{ name, outputs }] = convs(model) as [GraphNode];
    const { biases } = await correctBiases({
      layers: [{ name, output: outputs[0]!, bias: new Float32Array(8) }],
      float: valueSource(model, feeds, runtime),
      quantised: () => valueSource(model, feeds, runtime),
    });
    expect(biases.size).toBe(0);
  });
});

describe("adaroundLayers", () => {
  it.each(["Relu", "Silu"] as const)("lowers the error of the output on unseen images, with %s", async (kind) => {
    const model = network(kind);
    const feeds = images(8, 6);
    const { levels: nearest, scales } = fourBits(model);
    const activation: Activation = { kind: kind === "Relu" ? "relu" : "silu" };
    const nodes = convs(model);
    const layers = nodes.map(
      (node, at): RoundingLayer => ({
        name: node.name,
        node,
        weight: model.graph.initializers.get(node.inputs[1]!)!,
        scales: scales.get(node.name)!,
        bias: floatsOf(model.graph.initializers.get(node.inputs[2]!)!),
        activation: at === 2 ? { kind: "none" } : activation,
        quantisedInput: node.inputs[0]!,
        floatOutput: node.outputs[0]!,
        qmin: -7,
        qmax: 7,
      }),
    );
    const { levels, layers: results } = await adaroundLayers({
      layers,
      float: valueSource(model, feeds, runtime),
      quantised: (some) => valueSource(quantised(model, new Map([...nearest, ...some]), scales), feeds, runtime),
      images: feeds.length,
      rows: 1000,
      iterations: 200,
      batch: 128,
      runtime,
    });
    expect(results.map(({ name }) => name)).toEqual(nodes.map(({ name }) => name));
    expect(levels.size).toBeGreaterThan(0);
    const unseen = images(4, 7);
    const learnt = await outputError(model, quantised(model, new Map([...nearest, ...levels]), scales), unseen);
    expect(learnt).toBeLessThan((await outputError(model, quantised(model, nearest, scales), unseen)) * 0.7);
  });
});

describe("valueSource", () => {
  it("gives inputs and inner values, and refuses others", async () => {
    const model = network("Relu");
    const feeds = images(2, 8);
    let seen = 0;
    for await (const values of valueSource(model, () => feeds, runtime).read(["x", convs(model)[0]!.outputs[0]!])) {
      expect(values["x"]).toBe(feeds[seen++]!["x"]);
      expect(values[convs(model)[0]!.outputs[0]!]!.dims).toEqual([1, 8, size, size]);
    }
    expect(seen).toBe(2);
    await expect(valueSource(model, feeds, runtime).read(["nothing"])[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  });
});
