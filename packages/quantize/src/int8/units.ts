import type { Graph } from "@octet/onnx/ir/graph";
import type { GraphNode, Model } from "@octet/onnx/ir/model";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { weightedOps } from "./residual.ts";

/**
 * One thing that a runtime computes in integers as a whole: a node, and the ReLU or Clip after it that its output's
 * quantisation swallows. The value between the two is never quantised.
 */
export interface Unit {
  /** The name of the node, which is the unit's in reports. */
  name: string;
  kind: UnitKind;
  node: GraphNode;
  /** Relu or Clip, or null. */
  activation: GraphNode | null;
  /** Values that are quantised where this unit is: without constants. */
  inputs: string[];
  outputs: string[];
}

/**
 * `weighted`: Conv, ConvTranspose, Gemm, MatMul with constant weights. `arithmetic`: has an integer kernel with scales of its own at
 * each side. `moving`: only moves or picks elements, so that input and output must share one scale.
 */
export type UnitKind = "weighted" | "arithmetic" | "moving";

const moving = new Set([
  "MaxPool",
  "Reshape",
  "Transpose",
  "Slice",
  "Split",
  "Squeeze",
  "Unsqueeze",
  "Flatten",
  "DepthToSpace",
  "SpaceToDepth",
]);
const arithmetic = new Set(["Add", "Mul", "Sigmoid", "LeakyRelu", "Concat", "AveragePool", "GlobalAveragePool", "Softmax"]);

/** Every part of the graph that some runtime has an integer kernel for, whether or not it pays. Single-assignment graph, sorted. */
export function findUnits(model: Model): Unit[] {
  const { graph } = model;
  const taken = new Set<GraphNode>();
  const units: Unit[] = [];
  for (const node of graph.nodes) {
    if (taken.has(node) || node.domain !== "") continue;
    const kind = kindOf(graph, node);
    if (!kind) continue;
    const activation = kind === "moving" || node.opType === "Sigmoid" || node.opType === "Softmax" ? null : swallowed(graph, node);
    if (activation) taken.add(activation);
    const inputs = kind === "arithmetic" ? node.inputs.filter((value) => value !== "" && !constantOf(graph, value)) : [node.inputs[0]!];
    units.push({ name: node.name, kind, node, activation, inputs, outputs: (activation ?? node).outputs.filter((value) => value !== "") });
  }
  return units;
}

function kindOf(graph: Graph, node: GraphNode): UnitKind | null {
  const { opType, inputs } = node;
  // Only floating-point values are quantised; shape arithmetic uses the same operators.
  const output = node.outputs[0] ?? "";
  const info = graph.valueInfo.get(output) ?? graph.outputs.find(({ name }) => name === output);
  if (info?.dataType !== "float32") return null;
  if (weightedOps.has(opType)) {
    const constantWeights = constantOf(graph, inputs[1])?.dataType === "float32" && !constantOf(graph, inputs[0]);
    const constantBias = !inputs[2] || constantOf(graph, inputs[2]) !== undefined;
    return constantWeights && constantBias ? "weighted" : null;
  }
  if (opType === "Resize") return isNearest(node) ? "moving" : null;
  if (moving.has(opType)) return "moving";
  return arithmetic.has(opType) ? "arithmetic" : null;
}

const isNearest = (node: GraphNode): boolean => {
  const mode = node.attributes.get("mode");
  return mode === undefined || (mode.type === "string" && mode.value === "nearest");
};

/** The ReLU (or Clip with constant limits) that alone reads a node's output. */
function swallowed(graph: Graph, node: GraphNode): GraphNode | null {
  const [output] = node.outputs;
  if (!output || graph.isOutput(output)) return null;
  const consumers = graph.consumers(output);
  const next = consumers[0];
  if (consumers.length !== 1 || !next || next.domain !== "") return null;
  if (next.opType === "Relu") return next;
  const constantLimits = next.inputs.slice(1).every((value) => value === "" || constantOf(graph, value));
  return next.opType === "Clip" && next.inputs[0] === output && constantLimits ? next : null;
}
