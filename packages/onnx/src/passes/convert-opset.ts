import type { Graph } from "../ir/graph.ts";
import type { Model } from "../ir/model.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import { unsupported } from "../io/model-error.ts";
import { adapters } from "./opset/adapters.ts";
import type { Step } from "./opset/step.ts";

/** The lowest opset whose operators broadcast and normalise as today's do. */
const LOWEST = 7;
const HIGHEST = 21;

/** IR version that came with an opset (onnx/docs/Versioning.md); older readers refuse the pair. */
const irVersions: readonly (readonly [opset: number, ir: number])[] = [
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
  [9, 4],
];

/**
 * Rewrites the nodes whose form or meaning changed between the model's opset and `target`: axes and sizes that became inputs,
 * Upsample, the Softmax that flattens, and so on. A model at `target` or above it stays as it is. Says how many nodes were
 * rewritten. Q/DQ by channel needs opset 13, Q/DQ of float16 opset 19.
 * @throws AppError MODEL_UNSUPPORTED naming a node that cannot be expressed in the new opset
 */
export function convertOpset(target: number): (model: Model) => number {
  return (model) => {
    const from = model.opsets.get("") ?? 1;
    if (from >= target) return 0;
    if (from < LOWEST || target > HIGHEST)
      throw unsupported(
        `Opset ${from} cannot be converted to ${target}`,
        from < LOWEST ? `Export the model with opset ${LOWEST} or later.` : `Choose an opset up to ${HIGHEST}.`,
      );
    const states = inferValues(model);
    const converted = convertGraph(model.graph, from, target, states);
    model.opsets.set("", target);
    model.irVersion = Math.max(model.irVersion, irVersions.find(([opset]) => target >= opset)?.[1] ?? 3);
    model.graph.prune();
    return converted;
  };
}

function convertGraph(graph: Graph, from: number, target: number, states: Map<string, ValueState>): number {
  let converted = 0;
  for (const node of [...graph.nodes]) {
    for (const attribute of node.attributes.values()) {
      const inner = attribute.type === "graph" ? [attribute.value] : attribute.type === "graphs" ? attribute.value : [];
      // Shapes inside are not known: adapters that need one refuse there.
      for (const each of inner) converted += convertGraph(each, from, target, new Map());
    }
    if (node.domain !== "") continue;
    let changed = false;
    const step: Step = { graph, node, from, target, shapeOf: (value) => states.get(value)?.shape ?? null };
    for (const { op, at, adapt } of adapters)
      if (op.includes(node.opType) && from < at && at <= target && adapt(step) !== false) changed = true;
    if (changed) converted++;
  }
  return converted;
}
