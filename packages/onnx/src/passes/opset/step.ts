import type { Graph } from "../../ir/graph.ts";
import type { Dim, GraphNode } from "../../ir/model.ts";

/** One node on its way from an opset to another. */
export interface Step {
  graph: Graph;
  node: GraphNode;
  from: number;
  target: number;
  shapeOf: (value: string) => Dim[] | null;
}

export const nameOf = ({ name, outputs, opType }: GraphNode): string => `node "${name || outputs[0]}" (${opType})`;

/** Sets an input, with "" for those between that are left out. */
export function place(graph: Graph, node: GraphNode, position: number, value: string): void {
  while (node.inputs.length < position) node.inputs.push("");
  graph.setInput(node, position, value);
}
