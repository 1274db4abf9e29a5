import type { Graph } from "../ir/graph.ts";
import type { Dim, GraphNode, Model } from "../ir/model.ts";
import { newTensorArray } from "../ir/storage.ts";
import type { Tensor, TensorArray } from "../ir/tensor.ts";
import { tensorBytes } from "../ir/storage.ts";
import { evaluate } from "../kernels/evaluate.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import { addInts } from "./constants-of.ts";

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
    for (const node of graph.nodes) if (node.opType === "Reshape" && node.domain === "") simplifyTarget(graph, node, states);
    removeUnread(graph);
    graph.prune();
    return before - graph.nodes.length;
  };
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
  if (dataType !== "int64" || !shape || shape.length > 1 || !data?.every((item) => typeof item === "number")) return undefined;
  const array = newTensorArray(dataType, data.length) as BigInt64Array;
  for (const [at, item] of data.entries()) array[at] = BigInt(item);
  return { name: "", dataType, dims: shape.length === 0 ? [] : [data.length], data: array as TensorArray };
}

/** [batch, -1, 4] computed from the input's own shape becomes [0, -1, 4]. */
function simplifyTarget(graph: Graph, node: GraphNode, states: Map<string, ValueState>): void {
  const [input, target] = node.inputs;
  if (!input || !target || graph.initializers.has(target) || node.attributes.get("allowzero")) return;
  const shape = states.get(input)?.shape;
  const data = states.get(target)?.data;
  if (!shape || !data) return;
  const simple = data.map((dim: Dim, at) => (typeof dim === "string" && shape[at] === dim ? 0 : dim));
  // A symbol that moves to another place can be the one that is worked out.
  const moved = simple.flatMap((dim, at) => (typeof dim === "string" ? [at] : []));
  if (moved.length === 1 && !simple.includes(-1)) simple[moved[0]!] = -1;
  if (!simple.every((dim) => typeof dim === "number") || data.includes(0)) return;
  graph.setInput(node, 1, addInts(graph, `${node.name || node.outputs[0]}_target`, simple as number[]));
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
