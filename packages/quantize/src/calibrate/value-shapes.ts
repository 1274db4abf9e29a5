import { cloneModel } from "@octet/onnx/io/clone-model";
import type { Dim, Model } from "@octet/onnx/ir/model";
import { inferShapes } from "@octet/onnx/ops/infer-shapes";
import type { RuntimeTensor } from "../runtime.ts";

/** Shape of a value by its name; null where it is not known. */
export type ShapeOf = (value: string) => readonly Dim[] | null;

/** Shapes of the model's values; where its inputs leave sizes open, those of this feed count. */
export function shapesFor(model: Model, feed: Readonly<Record<string, RuntimeTensor>>): ShapeOf {
  const open = model.graph.inputs.some(({ shape }) => !shape?.every((dim) => typeof dim === "number"));
  const { graph } = open ? cloneModel(model) : model;
  if (open) {
    graph.valueInfo.clear();
    for (const input of graph.inputs) input.shape = [...(feed[input.name]?.dims ?? input.shape ?? [])];
    for (const output of graph.outputs) output.shape = null;
    inferShapes({ ...model, graph });
  }
  const ends = new Map([...graph.inputs, ...graph.outputs].map(({ name, shape }) => [name, shape]));
  return (value) => graph.valueInfo.get(value)?.shape ?? ends.get(value) ?? null;
}
