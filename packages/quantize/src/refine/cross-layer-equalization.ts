import type { Graph } from "@octet/onnx/ir/graph";
import { type GraphNode, intAttribute, type Model } from "@octet/onnx/ir/model";
import { floatsOf, type Tensor } from "@octet/onnx/ir/tensor";

export interface EqualizationOptions {
  /** Passes over all pairs, as chains influence each other. Default 20. */
  rounds?: number;
  /** Ends early when no channel is scaled by more than 1 + tolerance in a round. Default 0.001. */
  tolerance?: number;
}

export interface EqualizedPair {
  first: string;
  second: string;
  channels: number;
  /** Largest over smallest range of the first layer's channels, before and after. */
  spreadBefore: number;
  spreadAfter: number;
}

interface Pair {
  first: GraphNode;
  second: GraphNode;
  weights: [Tensor, Tensor];
  bias: Tensor | null;
}

/** f(s·x) = s·f(x) for s > 0, element by element. Not SiLU, nor a ReLU with an upper bound. */
const homogeneous = new Set(["Relu", "LeakyRelu", "PRelu"]);

/**
 * Cross-layer equalisation (Nagel et al., ICCV 2019), in place: where one convolution feeds another through nothing, or
 * through a ReLU, LeakyReLU or PReLU alone, each channel's scale between them is free. s = √(r1·r2)/r2, r the largest
 * magnitudes of a channel's weights on either side; W1 and b1 are divided, W2 is multiplied by s, so that per-tensor
 * steps suit all channels. What the model computes stays, up to float32's rounding. Batch normalisation must be
 * folded before.
 */
export function equalizeLayers(model: Model, { rounds = 20, tolerance = 1e-3 }: EqualizationOptions = {}): EqualizedPair[] {
  const { graph } = model;
  const pairs = findPairs(graph);
  // The tensors' own arrays may be views of the file's bytes.
  for (const tensor of new Set(pairs.flatMap(({ weights, bias }) => (bias ? [...weights, bias] : weights))))
    tensor.data = floatsOf(tensor).slice();
  const before = pairs.map(({ weights }) => spread(outputRanges(weights[0])));
  for (let round = 0; round < rounds; round++) {
    let largest = 0;
    for (const pair of pairs) largest = Math.max(largest, equalize(pair));
    if (largest <= tolerance) break;
  }
  return pairs.map(({ first, second, weights }, at) => ({
    first: first.name,
    second: second.name,
    channels: weights[0].dims[0]!,
    spreadBefore: before[at]!,
    spreadAfter: spread(outputRanges(weights[0])),
  }));
}

function findPairs(graph: Graph): Pair[] {
  const pairs: Pair[] = [];
  for (const first of graph.nodes) {
    const weight = ownWeight(graph, first, 1);
    if (first.opType !== "Conv" || !weight) continue;
    let node = onlyReader(graph, first.outputs[0]!);
    if (
      node &&
      homogeneous.has(node.opType) &&
      node.inputs[0] !== node.inputs[1] &&
      (node.opType !== "PRelu" || graph.initializers.has(node.inputs[1]!))
    ) {
      node = onlyReader(graph, node.outputs[0]!);
    }
    if (node?.opType !== "Conv" || graph.initializers.has(node.inputs[0]!)) continue;
    const other = ownWeight(graph, node, 1);
    const bias = first.inputs[2] ? ownWeight(graph, first, 2) : null;
    if (!other || other === weight || bias === undefined) continue;
    // The value must come in as the data, not as the weights.
    if (weight.dims[0] !== other.dims[1]! * intAttribute(node, "group", 1)) continue;
    pairs.push({ first, second: node, weights: [weight, other], bias });
  }
  return pairs;
}

/** The one node that reads a value and nothing else does. */
function onlyReader(graph: Graph, value: string): GraphNode | undefined {
  const readers = graph.consumers(value);
  if (readers.length !== 1 || graph.isOutput(value)) return undefined;
  return readers[0]!.inputs.filter((input) => input === value).length === 1 ? readers[0] : undefined;
}

/** A float32 constant that no other node reads and no caller can replace. */
function ownWeight(graph: Graph, node: GraphNode, position: number): Tensor | undefined {
  const name = node.inputs[position] ?? "";
  const tensor = graph.initializers.get(name);
  if (tensor?.dataType !== "float32" || graph.consumers(name).length !== 1 || graph.isInput(name) || graph.isOutput(name)) return undefined;
  return tensor;
}

/** Scales one pair's channels; returns by how much at most, as |log s|. */
function equalize({ second, weights: [first, other], bias }: Pair): number {
  const ranges = outputRanges(first);
  const inputs = new InputChannels(other, intAttribute(second, "group", 1));
  let largest = 0;
  for (const [channel, r1] of ranges.entries()) {
    const r2 = inputs.range(channel);
    const s = Math.sqrt(r1 * r2) / r2;
    // A channel that is dead on either side has nothing to balance.
    if (!Number.isFinite(s) || s < 2 ** -40) continue;
    largest = Math.max(largest, Math.abs(Math.log(s)));
    const size = first.data.length / ranges.length;
    scale(first.data as Float32Array, channel * size, size, 1 / s);
    if (bias) scale(bias.data as Float32Array, channel, 1, 1 / s);
    inputs.scale(channel, s);
  }
  return largest;
}

/** The slices of a convolution's weights [M, C/group, ...] that read one input channel. */
class InputChannels {
  private readonly data: Float32Array;
  private readonly perGroup: number;
  private readonly outputs: number;
  private readonly kernel: number;

  constructor(weight: Tensor, groups: number) {
    this.data = floatsOf(weight);
    this.perGroup = weight.dims[1]!;
    this.outputs = weight.dims[0]! / groups;
    this.kernel = weight.dims.slice(2).reduce((product, dim) => product * dim, 1);
  }

  range(channel: number): number {
    let largest = 0;
    for (const from of this.slices(channel)) {
      for (let i = from; i < from + this.kernel; i++) largest = Math.max(largest, Math.abs(this.data[i]!));
    }
    return largest;
  }

  scale(channel: number, factor: number): void {
    for (const from of this.slices(channel)) scale(this.data, from, this.kernel, factor);
  }

  private *slices(channel: number): Generator<number> {
    const group = Math.floor(channel / this.perGroup);
    for (let m = group * this.outputs; m < (group + 1) * this.outputs; m++) {
      yield (m * this.perGroup + (channel % this.perGroup)) * this.kernel;
    }
  }
}

function outputRanges(weight: Tensor): Float64Array {
  const data = floatsOf(weight);
  const channels = weight.dims[0]!;
  const size = data.length / channels;
  const ranges = new Float64Array(channels);
  for (let i = 0; i < data.length; i++) {
    const channel = Math.floor(i / size);
    ranges[channel] = Math.max(ranges[channel]!, Math.abs(data[i]!));
  }
  return ranges;
}

function spread(ranges: Float64Array): number {
  const alive = ranges.filter((range) => range > 0);
  return alive.length === 0 ? 1 : Math.max(...alive) / Math.min(...alive);
}

function scale(data: Float32Array, from: number, count: number, factor: number): void {
  for (let i = from; i < from + count; i++) data[i]! *= factor;
}
