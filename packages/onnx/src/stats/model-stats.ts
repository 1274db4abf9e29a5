import type { DataType } from "../ir/data-type.ts";
import type { Graph } from "../ir/graph.ts";
import { type GraphNode, intAttribute, type Model } from "../ir/model.ts";
import { tensorBytes } from "../ir/storage.ts";
import { elementCount, type Tensor } from "../ir/tensor.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { constantTensor } from "../ops/infer/constants.ts";
import { inferValues } from "../ops/infer-shapes.ts";

/** What a layer computes in: the type of its weights and data, "int8" where both come quantised to 8 bits. */
export type Precision = DataType | "int8-weights" | "unknown";

/** A node that multiplies: convolutions and matrix products. */
export interface LayerStats {
  name: string;
  opType: string;
  output: string;
  /** Multiply-accumulate operations for one image; null where a shape is not known. */
  macs: number | null;
  precision: Precision;
}

export interface WeightStats {
  dataType: DataType;
  tensors: number;
  elements: number;
  bytes: number;
}

export interface ModelStats {
  nodes: number;
  /** By operator (domain and all), the most frequent first. */
  ops: { opType: string; count: number }[];
  /** Elements of weights and biases; scales, zero points and shapes do not count. */
  parameters: number;
  /** Bytes of all constants. */
  tensorBytes: number;
  weights: WeightStats[];
  /** For one image, over the layers whose shapes are known. */
  macs: number;
  /** Elements of activations that are written for one image, over the values whose shapes are known. */
  layerElements: number;
  layers: LayerStats[];
  /** Layers and their MACs by precision, the most MACs first. */
  precisions: { precision: Precision; layers: number; macs: number }[];
}

const products = new Set([
  "Conv",
  "ConvTranspose",
  "Gemm",
  "MatMul",
  "QLinearConv",
  "ConvInteger",
  "QLinearMatMul",
  "MatMulInteger",
  "FusedConv",
]);

/** What runtimes do not fuse into the layer before: the values of these are written to memory. */
const writers = new Set([...products, "MaxPool", "Add", "Sum", "Concat", "Resize", "Upsample"]);

/** Counts for a batch of 1, whatever the model's symbols. @throws AppError MODEL_INVALID where the model contradicts itself */
export function modelStats(model: Model): ModelStats {
  const { graph } = model;
  const states = inferValues(model);
  const layers = graph.nodes.filter(({ opType }) => products.has(opType)).map((node) => layerOf(graph, node, states));
  const ops = tally(graph.nodes, ({ domain, opType }) => (domain ? `${domain}:${opType}` : opType));
  const constants = constantsOf(graph);
  const precisions = new Map<Precision, { precision: Precision; layers: number; macs: number }>();
  for (const { precision, macs } of layers) {
    const entry = precisions.get(precision) ?? { precision, layers: 0, macs: 0 };
    precisions.set(precision, { precision, layers: entry.layers + 1, macs: entry.macs + (macs ?? 0) });
  }
  const weights = new Map<DataType, WeightStats>();
  let parameters = 0;
  for (const tensor of constants) {
    if (!isWeight(graph, tensor)) continue;
    const elements = elementCount(tensor.dims);
    parameters += elements;
    const entry = weights.get(tensor.dataType) ?? { dataType: tensor.dataType, tensors: 0, elements: 0, bytes: 0 };
    weights.set(tensor.dataType, {
      dataType: tensor.dataType,
      tensors: entry.tensors + 1,
      elements: entry.elements + elements,
      bytes: entry.bytes + tensorBytes(tensor),
    });
  }
  return {
    nodes: graph.nodes.length,
    ops: [...ops].map(([opType, count]) => ({ opType, count })).sort((a, b) => b.count - a.count || a.opType.localeCompare(b.opType)),
    parameters,
    tensorBytes: constants.reduce((sum, tensor) => sum + tensorBytes(tensor), 0),
    weights: [...weights.values()].sort((a, b) => b.bytes - a.bytes),
    macs: layers.reduce((sum, { macs }) => sum + (macs ?? 0), 0),
    layerElements: graph.nodes
      .filter(({ opType }) => writers.has(opType))
      .reduce((sum, { outputs }) => sum + elementCount(sizes(states.get(outputs[0] ?? "")) ?? [0]), 0),
    layers,
    precisions: [...precisions.values()].sort((a, b) => b.macs - a.macs),
  };
}

function tally<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function constantsOf(graph: Graph): Tensor[] {
  const inline = graph.nodes.flatMap((node) =>
    node.opType === "Constant" && node.outputs[0] ? [{ node, tensor: constantTensor(node) }] : [],
  );
  return [...graph.initializers.values(), ...inline.flatMap(({ node, tensor }) => (tensor ? [{ ...tensor, name: node.outputs[0]! }] : []))];
}

const arithmetic = new Set(["Add", "Sub", "Mul", "Div", "Sum", "Concat", "Where", "Pow", "Min", "Max"]);

/** Read as a weight, a bias or a statistic: by a layer or a normalisation, directly or through Q/DQ. Constants of arithmetic are none. */
function isWeight(graph: Graph, { name, dataType }: Tensor): boolean {
  if (dataType === "int64" || dataType === "string" || dataType === "bool") return false;
  return graph.consumers(name).some((node) => {
    const position = node.inputs.indexOf(name);
    if (node.opType === "QuantizeLinear" || node.opType === "DequantizeLinear") return position === 0;
    if (node.opType === "QLinearConv") return position === 3 || position === 8;
    if (node.opType === "QLinearMatMul") return position === 3;
    if (node.opType === "ConvInteger" || node.opType === "MatMulInteger") return position === 1;
    if (
      arithmetic.has(node.opType) ||
      node.opType === "Resize" ||
      node.opType === "Upsample" ||
      node.opType === "Clip" ||
      node.opType === "Pad"
    )
      return false;
    return products.has(node.opType) || node.opType === "PRelu" || node.opType.endsWith("Normalization");
  });
}

function layerOf(graph: Graph, node: GraphNode, states: Map<string, ValueState>): LayerStats {
  return {
    name: node.name,
    opType: node.opType,
    output: node.outputs[0] ?? "",
    macs: macsOf(node, states),
    precision: precisionOf(graph, node, states),
  };
}

/** Sizes at a batch of 1; null where one is not known. */
function sizes(state: ValueState | undefined): number[] | null {
  const shape = state?.shape?.map((dim) => (typeof dim === "string" ? 1 : dim));
  return shape?.every((dim) => dim !== null) ? shape : null;
}

function macsOf(node: GraphNode, states: Map<string, ValueState>): number | null {
  const at = (name: string | undefined) => (name ? sizes(states.get(name)) : null);
  const output = at(node.outputs[0]);
  const quantised = node.opType.startsWith("QLinear");
  const [x, w] = [at(node.inputs[0]), at(node.inputs[quantised ? 3 : 1])];
  if (!x || !w || !output) return null;
  switch (node.opType) {
    case "ConvTranspose":
      // Each input pixel meets each weight of its group once.
      return (elementCount(x) / x[1]!) * elementCount(w);
    case "Gemm":
      return elementCount(output) * (intAttribute(node, "transA", 0) ? x[0]! : x[1]!);
    case "MatMul":
    case "MatMulInteger":
    case "QLinearMatMul":
      return elementCount(output) * x.at(-1)!;
    default:
      return elementCount(output) * elementCount(w.slice(1));
  }
}

function precisionOf(graph: Graph, node: GraphNode, states: Map<string, ValueState>): Precision {
  if (node.opType.startsWith("QLinear") || node.opType.endsWith("Integer")) return "int8";
  const stored = (position: number) => storedType(graph, node.inputs[position], states);
  const [data, weights] = [stored(0), stored(1)];
  if (!weights) return "unknown";
  if (eightBits(weights)) return data && eightBits(data) ? "int8" : "int8-weights";
  return weights;
}

const eightBits = (type: DataType) => type === "int8" || type === "uint8";

/** The type that a value is quantised to, where it comes out of a DequantizeLinear; else its own. */
function storedType(graph: Graph, value: string | undefined, states: Map<string, ValueState>): DataType | null {
  if (!value) return null;
  const producer = graph.producer(value);
  if (producer?.opType === "DequantizeLinear") return states.get(producer.inputs[0]!)?.dataType ?? null;
  return states.get(value)?.dataType ?? null;
}
