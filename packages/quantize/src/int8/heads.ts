import type { Graph } from "@octet/onnx/ir/graph";
import type { GraphNode } from "@octet/onnx/ir/model";
import type { Unit } from "./units.ts";

export interface Heads {
  /** The last weighted unit on every way to an output: what the detector's predictions come out of. */
  last: Set<Unit>;
  /** Units after them: reshaping, decoding, scores. */
  decode: Set<Unit>;
}

/**
 * Where the detector ends and its decoding begins, found by structure and so for every family: from the last convolution
 * on each way on, values are predictions. Box offsets and logits of rare positives share a tensor with millions of
 * others there, which 8 bits cannot hold: a YOLO head that is quantised like the rest loses all its scores
 * (onnxruntime#14233).
 */
export function findHeads(graph: Graph, units: readonly Unit[]): Heads {
  const weighted = new Set<GraphNode>(units.filter(({ kind }) => kind === "weighted").map(({ node }) => node));
  const leadsToWeights = new Map<GraphNode, boolean>();
  for (const node of [...graph.nodes].reverse()) {
    const readers = node.outputs.flatMap((output) => (output === "" ? [] : [...graph.consumers(output)]));
    leadsToWeights.set(
      node,
      readers.some((reader) => weighted.has(reader) || leadsToWeights.get(reader)),
    );
  }
  const last = new Set<Unit>();
  const decode = new Set<Unit>();
  for (const unit of units) {
    if (leadsToWeights.get(unit.activation ?? unit.node)) continue;
    if (unit.kind === "weighted") last.add(unit);
    else decode.add(unit);
  }
  return { last, decode };
}
