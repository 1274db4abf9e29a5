import type { Graph } from "../ir/graph.ts";
import type { Dim, GraphNode } from "../ir/model.ts";
import { addFloats } from "./constants-of.ts";

/**
 * Scales by which Resize makes `sizes` of `shape`, undefined where none does: its output has floor(size · scale) elements, the
 * scale being a float32. A symbol that stays as it is has the scale 1.
 */
export function scalesFor(shape: readonly Dim[], sizes: readonly Dim[]): number[] | undefined {
  const scales = sizes.map((size, at) => {
    const from = shape[at];
    if (size !== null && size === from) return 1;
    if (typeof size !== "number" || typeof from !== "number" || from === 0) return undefined;
    const scale = Math.fround(size / from);
    return Math.floor(from * scale) === size && scale * from === size ? scale : undefined;
  });
  return scales.every((scale) => scale !== undefined) ? scales : undefined;
}

/** Gives a Resize of opset 11 or later constant scales for its sizes. The region of interest stays: up to opset 12 it must be there. */
export function useScales(graph: Graph, node: GraphNode, scales: readonly number[]): void {
  node.inputs = [node.inputs[0]!, node.inputs[1] ?? "", addFloats(graph, `${node.name || node.outputs[0]}_scales`, scales)];
  graph.changed();
}
