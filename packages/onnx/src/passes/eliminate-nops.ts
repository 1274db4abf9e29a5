import type { Graph } from "../ir/graph.ts";
import { readsOf } from "../ir/graph.ts";
import { type GraphNode, intAttribute, intsAttribute, type Model } from "../ir/model.ts";
import { dataTypeOf } from "../io/fields.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { removeUnread } from "./fold-constants.ts";

/**
 * Takes out nodes that change nothing: Identity, Dropout (at inference), Casts to the type that is there, Transposes in
 * order, Concats of one, Reshapes and Expands to the shape that is there, Pads of nothing, and everything that no output depends on. Says how
 * many went. They stand between nodes that a runtime or a quantiser would fuse. Names of the graph's outputs stay.
 */
export function eliminateNops(): (model: Model) => number {
  return (model) => {
    const { graph } = model;
    const states = inferValues(model);
    const before = graph.nodes.length;
    const innerReads = readInside(graph);
    for (const node of [...graph.nodes]) if (node.domain === "" && isNop(node, states)) bypass(graph, node, innerReads);
    removeUnread(graph);
    graph.prune();
    return before - graph.nodes.length;
  };
}

function isNop(node: GraphNode, states: Map<string, ValueState>): boolean {
  const input = states.get(node.inputs[0] ?? "");
  const output = states.get(node.outputs[0] ?? "");
  switch (node.opType) {
    case "Identity":
    case "Dropout":
      return true;
    case "Cast":
      return input?.dataType !== null && input?.dataType !== undefined && dataTypeOf(intAttribute(node, "to", 0)) === input.dataType;
    case "Transpose": {
      const perm = intsAttribute(node, "perm", []);
      return perm.length > 0 && perm.every((from, to) => from === to);
    }
    case "Concat":
    case "Sum":
    case "Max":
    case "Min":
      return node.inputs.length === 1;
    case "Reshape":
    case "Flatten":
    case "Expand":
    case "Squeeze":
    case "Unsqueeze":
      return sameShape(input, output);
    case "Pad":
      return (
        sameShape(input, output) &&
        intsAttribute(node, "pads", []).every((pad) => pad === 0) &&
        (states.get(node.inputs[1] ?? "")?.data ?? [0]).every((pad) => pad === 0)
      );
    default:
      return false;
  }
}

function sameShape(a: ValueState | undefined, b: ValueState | undefined): boolean {
  if (!a?.shape || !b?.shape || a.shape.length !== b.shape.length) return false;
  return a.shape.every((dim, at) => dim !== null && dim === b.shape![at]);
}

/** Lets readers of the node's first output read its input. Where the output is the graph's own, its name moves to the input's producer. */
function bypass(graph: Graph, node: GraphNode, innerReads: ReadonlySet<string>): void {
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  if (node.outputs.slice(1).some((name) => name !== "" && (graph.consumers(name).length > 0 || graph.isOutput(name)))) return;
  if (innerReads.has(output)) return;
  if (graph.isOutput(output)) {
    const producer = graph.producer(input);
    // An input or initializer cannot be renamed; nor can what is an output itself, or is read by an inner graph.
    if (!producer || graph.isOutput(input) || innerReads.has(input)) return;
    producer.outputs = producer.outputs.map((name) => (name === input ? output : name));
    graph.removeNode(node);
    graph.replaceUses(input, output);
    graph.valueInfo.delete(input);
    return;
  }
  graph.replaceUses(output, input);
  graph.removeNode(node);
}

function readInside(graph: Graph): Set<string> {
  const reads = new Set<string>();
  for (const node of graph.nodes) for (const value of readsOf(node)) if (!node.inputs.includes(value)) reads.add(value);
  return reads;
}
