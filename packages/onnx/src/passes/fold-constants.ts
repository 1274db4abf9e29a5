import type { Graph } from "../ir/graph.ts";
import type { Dim, GraphNode, Model } from "../ir/model.ts";
import { newTensorArray } from "../ir/storage.ts";
import type { Tensor, TensorArray } from "../ir/tensor.ts";
import { tensorBytes } from "../ir/storage.ts";
import { evaluate } from "../kernels/evaluate.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import { addInts } from "./constants-of.ts";
import { scalesFor, useScales } from "./resize-scales.ts";

export interface FoldConstantsOptions {
  /** Results over this size stay computed: a file should not grow by what a runtime makes in a moment. Bytes. */
  maxBytes?: number;
  /** Node types that are kept: Q/DQ on weights is how a quantised model says what it is. */
  keep?: readonly string[];
}

const neverFolded = new Set(["QuantizeLinear", "DequantizeLinear", "RandomNormal", "RandomUniform"]);

/**
 * Replaces what does not depend on the inputs by initializers, Constant nodes too, and says how many nodes went. Shape
 * computations go wherever the sizes that they look at are fixed, with a symbolic batch beside them too; a Reshape whose target
 * is computed only to carry one symbol along gets a constant target with a 0 there. TensorRT and quantisers need the graph
 * without them: a Shape or Gather node in the middle ends a fusion.
 * @throws AppError MODEL_INVALID where the model contradicts itself
 */
export function foldConstants({ maxBytes = 1 << 20, keep = [] }: FoldConstantsOptions = {}): (model: Model) => number {
  return (model) => {
    const { graph } = model;
    const states = inferValues(model);
    const kept = new Set([...neverFolded, ...keep]);
    const constants = new Map<string, Tensor>();
    const overridable = new Set(graph.inputs.map(({ name }) => name));
    for (const [name, tensor] of graph.initializers) if (!overridable.has(name)) constants.set(name, tensor);
    const before = graph.nodes.length;
    const gone = new Set<GraphNode>();
    for (const node of graph.nodes) {
      if (node.domain !== "" || kept.has(node.opType)) continue;
      if (node.opType !== "Constant" && node.outputs.some((name) => elementsOf(states.get(name)) > maxBytes)) continue;
      const outputs = foldNode(node, constants, states);
      if (
        !outputs ||
        outputs.length < node.outputs.length ||
        outputs.some((tensor) => tensorBytes(tensor) > maxBytes && node.opType !== "Constant")
      )
        continue;
      for (const [position, name] of node.outputs.entries()) if (name !== "") constants.set(name, { ...outputs[position]!, name });
      gone.add(node);
    }
    for (const node of gone) for (const name of node.outputs) if (name !== "") graph.addInitializer(constants.get(name)!);
    graph.removeNodes(gone);
    for (const node of graph.nodes) if (node.domain === "") simplify(graph, node, states);
    removeUnread(graph);
    graph.prune();
    return before - graph.nodes.length;
  };
}

/** Asked before anything is computed: each element takes a byte at least. */
function elementsOf(state: ValueState | undefined): number {
  return state?.shape?.reduce<number>((product, dim) => product * (typeof dim === "number" ? dim : 1), 1) ?? 0;
}

function foldNode(node: GraphNode, constants: Map<string, Tensor>, states: Map<string, ValueState>): Tensor[] | undefined {
  const outputs = node.outputs.map((name) => states.get(name));
  const inputs = node.inputs.map((name) => (name === "" ? undefined : constants.get(name)));
  if (node.inputs.every((name, position) => name === "" || inputs[position])) {
    const computed = evaluate(node, inputs, outputs);
    if (computed) return computed;
  }
  // What inference found to be fixed: the sizes that a Shape, Gather, Concat looks at.
  const tensors = outputs.map((state) => state && tensorOfState(state));
  return tensors.every((tensor) => tensor !== undefined) ? tensors : undefined;
}

function tensorOfState({ dataType, shape, data }: ValueState): Tensor | undefined {
  if (dataType !== "int64" || !shape || shape.length > 1 || !data?.every((item) => Number.isSafeInteger(item))) return undefined;
  const array = newTensorArray(dataType, data.length) as BigInt64Array;
  for (const [at, item] of data.entries()) array[at] = BigInt(item as number);
  return { name: "", dataType, dims: shape.length === 0 ? [] : [data.length], data: array as TensorArray };
}

/** Frees nodes of shapes that are computed only to carry a symbol along. */
function simplify(graph: Graph, node: GraphNode, states: Map<string, ValueState>): void {
  const shape = states.get(node.inputs[0] ?? "")?.shape;
  if (!shape) return;
  const computed = (position: number): readonly Dim[] | undefined => {
    const value = node.inputs[position];
    return value && !graph.initializers.has(value) ? states.get(value)?.data : undefined;
  };
  if (node.opType === "Reshape") simplifyTarget(graph, node, shape, computed(1));
  if (node.opType === "Slice") simplifyEnds(graph, node, shape, computed(2), states);
  if (node.opType === "Resize") {
    const sizes = computed(3);
    const scales = sizes?.length === shape.length ? scalesFor(shape, sizes) : undefined;
    if (scales) useScales(graph, node, scales);
  }
}

/** [batch, -1, 4] computed from the input's own shape becomes [0, -1, 4]. */
function simplifyTarget(graph: Graph, node: GraphNode, shape: readonly Dim[], data: readonly Dim[] | undefined): void {
  if (!data || data.includes(0) || node.attributes.has("allowzero")) return;
  const simple = data.map((dim, at) => (typeof dim === "string" && shape[at] === dim ? 0 : dim));
  // A symbol that moves to another place can be the one that is worked out.
  const moved = simple.flatMap((dim, at) => (typeof dim === "string" ? [at] : []));
  if (moved.length === 1 && !simple.includes(-1)) simple[moved[0]!] = -1;
  if (!simple.every((dim) => typeof dim === "number")) return;
  graph.setInput(node, 1, addInts(graph, `${node.name || node.outputs[0]}_target`, simple));
}

/** x[0:n] with n the whole of a symbolic dimension ends nowhere. */
function simplifyEnds(
  graph: Graph,
  node: GraphNode,
  shape: readonly Dim[],
  ends: readonly Dim[] | undefined,
  states: Map<string, ValueState>,
): void {
  const starts = states.get(node.inputs[1] ?? "")?.data;
  const axes = node.inputs[3] ? states.get(node.inputs[3])?.data : shape.map((_, at) => at);
  const steps = node.inputs[4] ? states.get(node.inputs[4])?.data : [];
  if (!ends || !starts || !axes || !steps?.every((step) => step === 1)) return;
  const open = ends.map((end, at) => {
    if (typeof end === "number") return end;
    const axis = axes[at];
    return typeof axis === "number" && end !== null && shape[axis < 0 ? axis + shape.length : axis] === end ? 2n ** 63n - 1n : null;
  });
  if (open.every((end) => end !== null)) graph.setInput(node, 2, addInts(graph, `${node.name || node.outputs[0]}_ends`, open));
}

/** Nodes whose outputs nothing reads, and what only they read. */
export function removeUnread(graph: Graph): number {
  const before = graph.nodes.length;
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  for (;;) {
    const dead = graph.nodes.filter(({ outputs: made }) => made.every((name) => !outputs.has(name) && graph.consumers(name).length === 0));
    if (dead.length === 0) return before - graph.nodes.length;
    graph.removeNodes(dead);
  }
}
