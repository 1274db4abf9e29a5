import type { Graph } from "@octet/onnx/ir/graph";
import { type GraphNode, intAttribute, type Model } from "@octet/onnx/ir/model";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { findHeads } from "./heads.ts";
import { weightedOps } from "./residual.ts";
import { findUnits, type Unit } from "./units.ts";

/** Below this many channels on either side an int8 convolution kernel is mostly padding. */
const FEWEST_CHANNELS = 16;

/**
 * Of the units those whose weights TensorRT should compute with in int8: no detection head and no decode, no convolution
 * too narrow for its kernels, no matrix times vector (these wait for memory, not for arithmetic). The narrow ones that
 * have kernels all the same are those that NVIDIA's Model Optimizer lets through. Choosing twice changes nothing.
 */
export function selectForTensorRt(model: Model, units: Iterable<Unit>): Unit[] {
  const { graph } = model;
  // Heads are where the whole model ends, however few of its units are asked for.
  const { last } = findHeads(graph, findUnits(model));
  const heads = new Set<GraphNode>([...last].map(({ node }) => node));
  const behindWeights = valuesBehindWeights(graph);
  return [...units].filter(({ kind, node }) => {
    if (kind !== "weighted" || heads.has(node)) return false;
    if (node.opType === "ConvTranspose") return hasDeconvolutionKernel(graph, node);
    return node.opType === "Conv" ? hasConvKernel(graph, node, !behindWeights.has(node.inputs[0]!)) : !isVectorProduct(graph, node);
  });
}

/** Channels are counted as the weights have them: of a grouped convolution's inputs those of one group. */
function hasConvKernel(graph: Graph, node: GraphNode, isFirst: boolean): boolean {
  const [outputs = 0, inputs = 0, ...kernel] = constantOf(graph, node.inputs[1])?.dims ?? [];
  if (outputs >= FEWEST_CHANNELS && inputs >= FEWEST_CHANNELS) return true;
  if (intAttribute(node, "group", 1) > 1) return outputs % 8 === 0 && kernel.every((size) => size >= 3);
  const square = kernel.every((size) => size === kernel[0]);
  const aligned = outputs % 8 === 0 || inputs % 8 === 0;
  return square && aligned && (isFirst || outputs >= FEWEST_CHANNELS || inputs >= FEWEST_CHANNELS);
}

/** Grouped deconvolutions were long refused or slow (NVIDIA/TensorRT#1934), so they stay float. Weights are inputs × outputs × kernel. */
function hasDeconvolutionKernel(graph: Graph, node: GraphNode): boolean {
  const [inputs = 0, outputs = 0, ...kernel] = constantOf(graph, node.inputs[1])?.dims ?? [];
  const wide = inputs >= FEWEST_CHANNELS && outputs >= FEWEST_CHANNELS;
  return intAttribute(node, "group", 1) === 1 && kernel.length === 2 && wide;
}

/** A symbolic size counts as 1: a batch may be that small. */
function isVectorProduct(graph: Graph, node: GraphNode): boolean {
  const output = node.outputs[0]!;
  const shape = (graph.valueInfo.get(output) ?? graph.outputs.find(({ name }) => name === output))?.shape;
  return !shape || shape.length < 2 || shape.slice(-2).some((size) => typeof size !== "number" || size === 1);
}

function valuesBehindWeights(graph: Graph): Set<string> {
  const behind = new Set<string>();
  for (const node of graph.nodes) {
    if (weightedOps.has(node.opType) || node.inputs.some((input) => behind.has(input)))
      for (const output of node.outputs) behind.add(output);
  }
  return behind;
}
