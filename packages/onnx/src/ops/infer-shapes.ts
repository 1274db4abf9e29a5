import { invalid } from "../io/model-error.ts";
import type { Graph } from "../ir/graph.ts";
import type { Dim, GraphNode, Model, ValueInfo } from "../ir/model.ts";
import type { Tensor } from "../ir/tensor.ts";
import { declaredShape } from "./dims.ts";
import { InferContext, type ValueState } from "./infer-context.ts";
import { constantTensor, stateOfTensor } from "./infer/constants.ts";
import { opSchemas } from "./op-schemas.ts";

export type NodeVisitor = (node: GraphNode, states: ReadonlyMap<string, ValueState>) => void;

/**
 * Data type, shape and, for small vectors that shapes are computed from, elements of every value of the main graph, in
 * evaluation order. Sizes may be symbols; arithmetic on symbols that does not cancel gives null. Values of operators that are
 * not known have the type and shape that the file declares, if any. The model is sorted, and otherwise left alone.
 * `visit` is called before each node, with what is known so far; it may give the node other inputs, new initializers too.
 * @throws AppError MODEL_INVALID where a node contradicts its inputs, or the graph has a cycle
 */
export function inferValues(model: Model, visit?: NodeVisitor): Map<string, ValueState> {
  const { graph } = model;
  sort(graph);
  const states = new Map<string, ValueState>();
  const constants = new Map<string, Tensor>();
  for (const { name, dataType, shape } of graph.inputs) states.set(name, { dataType, shape: declaredShape(shape) });
  for (const [name, tensor] of graph.initializers) {
    // An input of the same name may replace the initializer, but hardly with another shape.
    constants.set(name, tensor);
    states.set(name, stateOfTensor(tensor));
  }
  const opset = model.opsets.get("") ?? 1;
  const added = (value: string) => {
    const tensor = graph.initializers.get(value);
    return tensor && stateOfTensor(tensor);
  };
  const declared = new Map(graph.outputs.map((info) => [info.name, info]));
  for (const node of graph.nodes) {
    visit?.(node, states);
    const context = new InferContext(
      node,
      opset,
      (value) => states.get(value) ?? added(value),
      (value) => constants.get(value) ?? graph.initializers.get(value),
    );
    const schema = node.domain === "" ? opSchemas.get(node.opType) : undefined;
    schema?.infer(context);
    if (node.opType === "Constant" && node.domain === "") {
      const value = constantTensor(node);
      if (value && node.outputs[0]) constants.set(node.outputs[0], value);
    }
    for (const [position, output] of node.outputs.entries()) {
      if (output === "") continue;
      const found = context.outputs[position];
      const info = graph.valueInfo.get(output) ?? declared.get(output);
      const said = info && { ...info, shape: declaredShape(info.shape) };
      states.set(output, found ? filled(found, said) : { dataType: said?.dataType ?? null, shape: said?.shape ?? null });
    }
  }
  return states;
}

/** Writes what `inferValues` finds into `graph.valueInfo` and the types of the graph's outputs. @throws AppError MODEL_INVALID */
export function inferShapes(model: Model): void {
  const { graph } = model;
  const states = inferValues(model);
  graph.valueInfo.clear();
  for (const node of graph.nodes)
    for (const name of node.outputs) {
      const state = states.get(name);
      if (name !== "" && state?.dataType && !graph.isOutput(name))
        graph.valueInfo.set(name, { name, dataType: state.dataType, shape: state.shape });
    }
  for (const output of graph.outputs) {
    const state = states.get(output.name);
    if (!state?.dataType) continue;
    output.dataType = state.dataType;
    if (state.shape) output.shape = state.shape;
  }
}

/** What inference found, with what the file declares where it found nothing. */
function filled(found: ValueState, said: ValueInfo | undefined): ValueState {
  if (!said) return found;
  const dataType = found.dataType ?? said.dataType;
  if (!found.shape) return { ...found, dataType, shape: said.shape && [...said.shape] };
  if (said.shape?.length !== found.shape.length || !found.shape.includes(null)) return { ...found, dataType };
  return { ...found, dataType, shape: found.shape.map((dim, at): Dim => dim ?? said.shape![at]!) };
}

function sort(graph: Graph): void {
  try {
    graph.sort();
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), undefined, error);
  }
}
