import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { type Attribute, type GraphNode, intAttribute, type Model } from "@octet/onnx/ir/model";
import { floatsOf, type Tensor } from "@octet/onnx/ir/tensor";
import { addInts, constantOf } from "@octet/onnx/passes/constants-of";
import type { Runtime, RuntimeTensor } from "../runtime.ts";

export interface ActivationEqualizationOptions {
  runtime: Runtime;
  feeds: Iterable<Record<string, RuntimeTensor>> | AsyncIterable<Record<string, RuntimeTensor>>;
  signal?: AbortSignal;
}

export interface EqualizedActivation {
  /** Under the name that it has from now on: it is no longer what it was. */
  value: string;
  channels: number;
  /** Largest over median channel range, before and after. */
  spreadBefore: number;
  spreadAfter: number;
}

interface Site {
  value: string;
  producer: GraphNode;
  consumers: readonly GraphNode[];
  /** Whether the convolution's own output is read, and not a ReLU of it: then it has two signs. */
  linear: boolean;
  /** All consumers have one weight scale for each input channel: what is moved into them costs nothing. */
  free: boolean;
}

/** No channel is scaled by more than this against the largest: a channel that is all but silent stays so. */
const largestFactor = 64;

/**
 * Lets the channels of a ReLU's output, or of a convolution's that others read as it is, have like ranges, since one scale must serve them all: channel c is divided by
 * s(c) in the convolution before (weights, bias) and multiplied in those after. In front of depthwise convolutions, whose
 * weights have a scale for each channel, s(c) is the channel's range itself; in front of others the difficulty is shared
 * between activations and weights, s(c) = √(range(c) / weights(c)), as SmoothQuant does for transformers (Xiao et al., ICML
 * 2023) and cross-layer equalisation for weights (Nagel et al., ICCV 2019). ReLU is positively homogeneous, so the float
 * model computes what it did; SiLU is not, and is left alone. Changes the model's weights.
 * @throws AppError INFERENCE_FAILED
 */
export async function equalizeActivations(model: Model, options: ActivationEqualizationOptions): Promise<EqualizedActivation[]> {
  const sites = findSites(model);
  if (sites.length === 0) return [];
  const ranges = await channelRanges(model, sites, options);
  const own = new Set<Tensor>();
  const results: EqualizedActivation[] = [];
  for (const site of sites) {
    const before = ranges.get(site.value);
    if (!before?.some((range) => range > 0)) continue;
    const factors = factorsOf(model, site, before);
    apply(model, site, factors, own);
    const value = rename(model, site);
    const after = before.map((range, c) => range / factors[c]!);
    results.push({ value, channels: before.length, spreadBefore: spread(before), spreadAfter: spread(after) });
  }
  return results;
}

function findSites({ graph }: Model): Site[] {
  const sites: Site[] = [];
  for (const producer of graph.nodes) {
    if (producer.opType !== "Conv") continue;
    const inner = producer.outputs[0]!;
    const [reader, ...others] = graph.consumers(inner);
    const linear = reader?.opType !== "Relu" || others.length > 0;
    const value = linear ? inner : reader.outputs[0]!;
    if (graph.isOutput(inner) || graph.isOutput(value)) continue;
    const consumers = graph.consumers(value);
    const plain = consumers.length > 0 && consumers.every((node) => node.opType === "Conv" && node.inputs.indexOf(value) === 0);
    if (!plain || ![producer, ...consumers].every((node) => weightOf(graph, node)?.dims.length === 4)) continue;
    if (producer.inputs[2] && !constantOf(graph, producer.inputs[2])) continue;
    const kinds = consumers.map((node) => kindOf(node, weightOf(graph, node)!));
    // A group of several channels would need its own bookkeeping.
    if (kinds.includes("grouped")) continue;
    sites.push({ value, producer, consumers, linear, free: kinds.every((kind) => kind === "depthwise") });
  }
  return sites;
}

const weightOf = (graph: Model["graph"], node: GraphNode): Tensor | undefined => {
  const tensor = constantOf(graph, node.inputs[1]);
  return tensor?.dataType === "float32" && graph.initializers.get(tensor.name) === tensor ? tensor : undefined;
};

function kindOf(node: GraphNode, { dims }: Tensor): "dense" | "depthwise" | "grouped" {
  const groups = intAttribute(node, "group", 1);
  if (groups === 1) return "dense";
  return dims[1] === 1 ? "depthwise" : "grouped";
}

/** Mean over images of each channel's largest magnitude: a single outlier does not decide. */
async function channelRanges(
  model: Model,
  sites: readonly Pick<Site, "value" | "linear">[],
  { runtime, feeds, signal }: ActivationEqualizationOptions,
): Promise<Map<string, Float64Array>> {
  const probed = cloneModel(model);
  probed.graph.outputs = [];
  // Axes became an input with opset 18.
  const axes = (probed.opsets.get("") ?? 1) >= 18 ? addInts(probed.graph, "octet_axes", [0, 2, 3]) : null;
  const keepdims: Attribute = { type: "int", value: 0n };
  const outputs = sites.map(({ value, linear }) => {
    const name = probed.graph.freshName(`octet_channels_${value}`);
    const magnitude = linear ? probed.graph.freshName(`octet_magnitude_${value}`) : value;
    if (linear) probed.graph.addNode({ opType: "Abs", inputs: [value], outputs: [magnitude] });
    probed.graph.addNode({
      opType: "ReduceMax",
      inputs: axes ? [magnitude, axes] : [magnitude],
      outputs: [name],
      attributes: new Map(Object.entries<Attribute>(axes ? { keepdims } : { axes: { type: "ints", value: [0n, 2n, 3n] }, keepdims })),
    });
    probed.graph.outputs.push({ name, dataType: "float32", shape: null });
    return name;
  });
  const session = await runtime.load(encodeModel(probed));
  const sums = new Map<string, Float64Array>();
  let images = 0;
  try {
    for await (const feed of feeds) {
      signal?.throwIfAborted();
      const results = await session.run(feed);
      images++;
      for (const [at, { value }] of sites.entries()) {
        const largest = results[outputs[at]!]!.data as Float32Array;
        const sum = sums.get(value) ?? new Float64Array(largest.length);
        for (let c = 0; c < sum.length; c++) sum[c]! += largest[c]!;
        sums.set(value, sum);
      }
    }
  } finally {
    await session.close();
  }
  return new Map([...sums].map(([value, sum]) => [value, sum.map((total) => total / images)]));
}

function factorsOf({ graph }: Model, { consumers, free }: Site, ranges: Float64Array): Float64Array {
  let raw = ranges;
  if (!free) {
    const weights = ranges.map((_, c) => inputWeight(graph, consumers, c));
    // What is next to unread has no say in how far the others are scaled.
    const unread = Math.max(...weights) * 1e-6;
    raw = ranges.map((range, c) => (weights[c]! > unread ? Math.sqrt(range / weights[c]!) : Number.POSITIVE_INFINITY));
  }
  const largest = Math.max(...raw.filter(Number.isFinite));
  if (!(largest > 0)) return ranges.map(() => 1);
  return raw.map((factor) => Math.min(1, Math.max(factor / largest, 1 / largestFactor)));
}

/** Largest weight that any consumer has for an input channel. */
function inputWeight(graph: Model["graph"], consumers: readonly GraphNode[], channel: number): number {
  let largest = 0;
  for (const node of consumers)
    forEachInputWeight(node, weightOf(graph, node)!, channel, (data, at) => {
      largest = Math.max(largest, Math.abs(data[at]!));
    });
  return largest;
}

function forEachInputWeight(node: GraphNode, tensor: Tensor, channel: number, visit: (data: Float32Array, at: number) => void): void {
  const data = floatsOf(tensor);
  const [outputs, perGroup, ...kernel] = tensor.dims as [number, number, ...number[]];
  const taps = kernel.reduce((product, dim) => product * dim, 1);
  if (kindOf(node, tensor) === "dense") {
    for (let m = 0; m < outputs; m++) for (let t = 0; t < taps; t++) visit(data, (m * perGroup + channel) * taps + t);
    return;
  }
  // Depthwise, with one or more outputs a channel.
  const multiple = outputs / intAttribute(node, "group", 1);
  for (let m = channel * multiple; m < (channel + 1) * multiple; m++) for (let t = 0; t < taps; t++) visit(data, m * taps + t);
}

function apply({ graph }: Model, { producer, consumers }: Site, factors: Float64Array, own: Set<Tensor>): void {
  // The tensors' arrays may be views of a file's bytes, and shared by nodes: each node gets its own copy.
  const mine = (node: GraphNode, position: number): Float32Array => {
    const tensor = constantOf(graph, node.inputs[position])!;
    if (own.has(tensor) && graph.consumers(tensor.name).length === 1) return floatsOf(tensor);
    const copy = graph.addInitializer({ ...tensor, name: graph.freshName(`${tensor.name}_equalized`), data: floatsOf(tensor).slice() });
    own.add(copy);
    graph.setInput(node, position, copy.name);
    return floatsOf(copy);
  };
  const weight = mine(producer, 1);
  const depth = weight.length / factors.length;
  for (let i = 0; i < weight.length; i++) weight[i]! /= factors[Math.floor(i / depth)]!;
  if (producer.inputs[2]) {
    const bias = mine(producer, 2);
    for (let c = 0; c < bias.length; c++) bias[c]! /= factors[c]!;
  }
  for (const node of consumers) {
    mine(node, 1);
    const tensor = constantOf(graph, node.inputs[1])!;
    for (let c = 0; c < factors.length; c++)
      forEachInputWeight(node, tensor, c, (data, at) => {
        data[at]! *= factors[c]!;
      });
  }
}

/** Gives what was scaled other names, so that nobody holds it against the value of that name in the model as it was. */
function rename({ graph }: Model, { value, producer }: Site): string {
  const [inner] = producer.outputs;
  const names = new Map([...new Set([inner!, value])].map((old) => [old, graph.freshName(`${old}_equalized`)]));
  for (const [old, name] of names) {
    const node = graph.producer(old)!;
    const info = graph.valueInfo.get(old);
    if (info) graph.valueInfo.set(name, { ...info, name });
    graph.valueInfo.delete(old);
    graph.replaceUses(old, name);
    node.outputs = node.outputs.map((output) => (output === old ? name : output));
    graph.changed();
  }
  return names.get(value)!;
}

function spread(ranges: Float64Array): number {
  const sorted = [...ranges].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  return median > 0 ? sorted.at(-1)! / median : Number.POSITIVE_INFINITY;
}
