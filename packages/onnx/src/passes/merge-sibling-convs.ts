import type { Graph } from "../ir/graph.ts";
import { type GraphNode, intAttribute, type Model } from "../ir/model.ts";
import { floatsOf } from "../ir/tensor.ts";
import { addFloats, addInts, constantOf } from "./constants-of.ts";

/** Channels that a runtime computes at once on x64 (AVX2; 16 on AVX-512): fewer take as long. */
const BLOCK = 8;
/** What ONNX Runtime computes in passing with the convolution before it. */
const fused = new Set(["Relu", "LeakyRelu", "Clip", "Sigmoid", "HardSigmoid", "Tanh", "Add", "QuantizeLinear"]);

/**
 * Convolutions in float32 that read one value alike become one, split afterwards, where that fills blocks of channels that
 * each left mostly empty: detectors predict scores (1 or 2 channels), boxes (4 or 8) and landmarks (10 or 20) by one of each.
 * Values keep their names. Says how many nodes went into others. Sums are the same; they may be rounded in another order.
 */
export function mergeSiblingConvs(): (model: Model) => number {
  return ({ graph }) => {
    const siblings = new Map<string, GraphNode[]>();
    for (const node of graph.nodes) {
      const key = keyOf(graph, node);
      if (key) siblings.set(key, [...(siblings.get(key) ?? []), node]);
    }
    let gone = 0;
    for (const nodes of siblings.values()) {
      if (nodes.length < 2 || !saves(nodes.map((node) => channelsOf(graph, node)))) continue;
      merge(graph, nodes);
      gone += nodes.length - 1;
    }
    if (gone > 0) graph.prune();
    return gone;
  };
}

/** The same for those that one convolution could do; null for what is left alone. */
function keyOf(graph: Graph, node: GraphNode): string | null {
  const { opType, domain, inputs, outputs, attributes } = node;
  if (opType !== "Conv" || domain !== "" || intAttribute(node, "group", 1) !== 1) return null;
  const weight = constantOf(graph, inputs[1]);
  const bias = inputs[2] ? constantOf(graph, inputs[2]) : null;
  if (weight?.dataType !== "float32" || bias === undefined || (bias && bias.dataType !== "float32")) return null;
  const readers = graph.consumers(outputs[0]!);
  if (readers.some((reader) => fused.has(reader.opType))) return null;
  const how = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([inputs[0], weight.dims.slice(1), how], (_, value) => (typeof value === "bigint" ? String(value) : value));
}

const channelsOf = (graph: Graph, { inputs }: GraphNode): number => constantOf(graph, inputs[1])!.dims[0]!;

function saves(channels: readonly number[]): boolean {
  const blocks = (count: number): number => Math.ceil(count / BLOCK);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return blocks(sum(channels)) < sum(channels.map(blocks));
}

function merge(graph: Graph, nodes: readonly GraphNode[]): void {
  const first = nodes[0]!;
  const weights = nodes.map(({ inputs }) => constantOf(graph, inputs[1])!);
  const channels = weights.map(({ dims }) => dims[0]!);
  const total = channels.reduce((sum, count) => sum + count, 0);
  const weight = joined(weights.map(floatsOf));
  const bias = joined(
    nodes.map(({ inputs }, at) => (inputs[2] ? floatsOf(constantOf(graph, inputs[2])!) : new Float32Array(channels[at]!))),
  );
  const output = graph.freshName(`${first.outputs[0]}_merged`);
  graph.addNode(
    {
      opType: "Conv",
      name: graph.freshName(`${first.name}_merged`),
      inputs: [
        first.inputs[0]!,
        addFloats(graph, `${first.name}_merged_weight`, weight, [total, ...weights[0]!.dims.slice(1)]),
        addFloats(graph, `${first.name}_merged_bias`, bias),
      ],
      outputs: [output],
      attributes: new Map(first.attributes),
    },
    first,
  );
  graph.addNode(
    {
      opType: "Split",
      inputs: [output, addInts(graph, `${first.name}_merged_parts`, channels)],
      outputs: nodes.map(({ outputs }) => outputs[0]!),
      attributes: new Map([["axis", { type: "int", value: 1n }]]),
    },
    first,
  );
  graph.removeNodes(nodes);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
