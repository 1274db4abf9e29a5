import { type Graph, readsOf } from "@octet/onnx/ir/graph";
import type { GraphNode, Model } from "@octet/onnx/ir/model";
import type { ValueState } from "@octet/onnx/ops/infer-context";
import { opSchemas } from "@octet/onnx/ops/op-schemas";
import type { Range } from "../calibrate/range-observer.ts";
import { float16Max, float16MinNormal } from "../numeric/float16.ts";
import { float16Problem } from "./initializer-range.ts";

/** Operators that runtimes lack in float16 or that lose too much by it (onnxconverter-common's list, less those of other domains). */
export const defaultBlockedOps: readonly string[] = [
  "Resize",
  "Upsample",
  "TopK",
  "NonMaxSuppression",
  "Min",
  "Max",
  "Range",
  "CumSum",
  "RoiAlign",
];

/** Their type follows from an attribute or another input, or the specification gives them float32 only. */
const neverConverted = new Set([
  "NonMaxSuppression",
  "EyeLike",
  "CastLike",
  "RandomNormalLike",
  "RandomUniformLike",
  "RandomNormal",
  "RandomUniform",
]);

/** What vanishes from a sum of products was too small to matter in it. */
const linear = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"]);

export interface PlanOptions {
  keepDecode: boolean;
  blockedOps: readonly string[];
  blockedNodes: readonly string[];
  ranges: ReadonlyMap<string, Range>;
  headroom: number;
  /** Constants are clamped, so none is too large or too small. */
  clamps: boolean;
}

/** Which nodes stay in float32, and why. Nodes that are not listed and touch float32 values become float16. */
export function planPrecision(model: Model, states: ReadonlyMap<string, ValueState>, options: PlanOptions): Map<GraphNode, string> {
  const kept = new Map<GraphNode, string>();
  const fromIntegers = integerArithmetic(model, states);
  const decode = options.keepDecode ? decodeNodes(model.graph) : new Set<GraphNode>();
  for (const node of model.graph.nodes) {
    if (!touchesFloat32(node, states)) continue;
    const reason = fromIntegers.has(node)
      ? "computes with sizes or indices"
      : decode.has(node)
        ? "follows the last convolutions"
        : reasonToKeep(node, model, states, options);
    if (reason) kept.set(node, reason);
  }
  return kept;
}

/** Whether a node, or an inner graph of it, reads or makes a float32 value. */
export function touchesFloat32(node: GraphNode, states: ReadonlyMap<string, ValueState>): boolean {
  return [...readsOf(node), ...node.outputs].some((value) => states.get(value)?.dataType === "float32");
}

/**
 * Inputs that are float32 by the specification, whatever the rest of the node is. A Resize's region may be float16 too,
 * but says nothing that float16 could hold better.
 */
export function staysFloat32({ opType }: GraphNode, position: number): boolean {
  return (opType === "Resize" && position > 0) || (opType === "Upsample" && position === 1);
}

function reasonToKeep(node: GraphNode, model: Model, states: ReadonlyMap<string, ValueState>, options: PlanOptions): string | null {
  const { opType, domain, attributes, inputs, outputs } = node;
  if (options.blockedNodes.includes(node.name)) return "named by the caller";
  if (domain !== "" || !opSchemas.has(opType)) {
    return [...attributes.values()].some(({ type }) => type === "graph" || type === "graphs") ? "holds an inner graph" : "unknown operator";
  }
  if (options.blockedOps.includes(opType)) return "blocked operator";
  if (opType === "Cast" && states.get(inputs[0] ?? "")?.dataType === "float16") return "is a cast from float16 to float32";
  if (neverConverted.has(opType)) return "no float16 form";
  if ([...inputs, ...outputs].some((value) => value !== "" && !states.get(value)?.dataType)) return "has values of unknown type";
  if (opType === "QuantizeLinear" || opType === "DequantizeLinear") {
    const opset = model.opsets.get("") ?? 1;
    if (opset < 19) return `opset ${opset} has float32 scales only`;
  }
  return constantReason(node, model, options) ?? rangeReason(node, options);
}

function constantReason(node: GraphNode, { graph }: Model, { clamps }: PlanOptions): string | null {
  for (const [position, input] of node.inputs.entries()) {
    const tensor = graph.initializers.get(input);
    if (tensor?.dataType !== "float32" || staysFloat32(node, position)) continue;
    // Scales of Q/DQ and variances must keep their precision, so that subnormals will not do, clamped or not.
    const isScale = (node.opType === "QuantizeLinear" || node.opType === "DequantizeLinear") && position === 1;
    if (isScale || (node.opType === "BatchNormalization" && position === 4)) {
      const values = tensor.data as Float32Array;
      const unfit = values.find((value) => Math.abs(value) > float16Max || (value !== 0 && Math.abs(value) < float16MinNormal));
      if (unfit !== undefined) return `constant "${input}" holds ${unfit}, outside of float16's normal range`;
    }
    // A bound that lies beyond the range bounds nothing, and is saturated.
    if (clamps || (node.opType === "Clip" && position > 0)) continue;
    const problem = float16Problem(tensor.data as Float32Array, !linear.has(node.opType));
    if (problem) return `constant "${input}" ${problem}`;
  }
  return null;
}

function rangeReason({ inputs, outputs }: GraphNode, { ranges, headroom }: PlanOptions): string | null {
  for (const value of [...inputs, ...outputs]) {
    const range = ranges.get(value);
    if (!range) continue;
    const largest = Math.max(Math.abs(range.min), Math.abs(range.max));
    if (!(largest * headroom <= float16Max)) return `"${value}" reaches ${largest}; with headroom ${headroom} that is beyond float16`;
  }
  return null;
}

/**
 * Nodes that compute with numbers made from integers (Shape → Cast → Mul → Cast, as exported upsampling does): float16
 * counts exactly to 2048 only.
 */
function integerArithmetic({ graph }: Model, states: ReadonlyMap<string, ValueState>): Set<GraphNode> {
  const found = new Set<GraphNode>();
  const values = new Set<string>();
  const isFloat = (value: string) => states.get(value)?.dataType === "float32";
  const isConstant = (value: string) => value === "" || graph.initializers.has(value);
  for (const node of graph.nodes) {
    const variable = node.inputs.filter((value) => !isConstant(value));
    const begins = node.opType === "Cast" && variable.some((value) => /^u?int(8|16|32|64)$/.test(states.get(value)?.dataType ?? ""));
    // Images that come in as bytes are cast too; they are large, sizes are small.
    const small = node.outputs.every((value) => (states.get(value)?.shape?.length ?? 2) <= 1);
    const floats = variable.filter(isFloat);
    const goesOn = floats.length > 0 && floats.every((value) => values.has(value));
    if (!(begins && small) && !goesOn) continue;
    found.add(node);
    for (const output of node.outputs) if (isFloat(output)) values.add(output);
  }
  return found;
}

/**
 * What comes after the last weighted layer on every way on. It costs next to nothing, but decoded coordinates of some
 * hundred pixels have steps of a quarter or half a pixel in float16, and scores close to 1 become equal.
 */
function decodeNodes(graph: Graph): Set<GraphNode> {
  const isWeighted = (node: GraphNode) => weighted.has(node.opType) && node.inputs.slice(1).some((input) => graph.initializers.has(input));
  const before = new Set<GraphNode>();
  for (const node of [...graph.nodes].reverse()) {
    const readers = node.outputs.flatMap((output) => (output === "" ? [] : [...graph.consumers(output)]));
    if (readers.some((reader) => isWeighted(reader) || before.has(reader))) before.add(node);
  }
  const decode = new Set<GraphNode>();
  for (const node of graph.nodes) {
    if (before.has(node) || isWeighted(node)) continue;
    const producers = [...readsOf(node)].map((value) => graph.producer(value)).filter((producer) => producer !== undefined);
    if (producers.some((producer) => isWeighted(producer) || before.has(producer) || decode.has(producer))) decode.add(node);
  }
  return decode;
}

const weighted = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);
