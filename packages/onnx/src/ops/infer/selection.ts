import { type Dim, intAttribute } from "../../ir/model.ts";
import { showShape } from "../dims.ts";
import type { InferContext } from "../infer-context.ts";

export function reduce(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  const keep = intAttribute(context.node, "keepdims", 1) === 1;
  const axes = context.list("axes", 1);
  if (!shape || axes === null) {
    context.set(0, dataType, shape && keep ? shape.map(() => null) : null);
    return;
  }
  if (!axes?.length && intAttribute(context.node, "noop_with_empty_axes", 0) === 1) {
    context.set(0, dataType, shape, data);
    return;
  }
  const gone = axes?.length ? axes.map((axis) => context.normalAxis(axis, shape.length)) : shape.map((_, at) => at);
  const product =
    context.node.opType === "ReduceProd" && shape.length === 1 && data?.every((item) => typeof item === "number")
      ? [data.reduce<number>((all, item) => all * (item as number), 1)]
      : undefined;
  context.set(0, dataType, without(shape, gone, keep), product);
}

export function argMax(context: InferContext): void {
  const shape = context.shape(0);
  if (!shape) {
    context.set(0, "int64", null);
    return;
  }
  context.set(0, "int64", without(shape, [context.axis(shape.length, 0)], intAttribute(context.node, "keepdims", 1) === 1));
}

function without(shape: readonly Dim[], axes: readonly number[], keep: boolean): Dim[] {
  return keep ? shape.map((dim, at) => (axes.includes(at) ? 1 : dim)) : shape.filter((_, at) => !axes.includes(at));
}

export function gather(context: InferContext): void {
  const { dataType, shape, data } = context.input(0);
  const indices = context.input(1);
  if (!shape || !indices.shape) {
    context.set(0, dataType, null);
    return;
  }
  if (shape.length === 0) context.fail("it gathers from a scalar");
  const axis = context.axis(shape.length, 0);
  const result = [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)];
  const size = shape[axis]!;
  const numbers = context.numbers(1);
  if (typeof size === "number")
    for (const index of numbers ?? []) if (index < -size || index >= size) context.fail(`index ${index} is outside ${showShape(shape)}`);
  const items =
    data && shape.length === 1 && numbers && indices.shape.length <= 1
      ? numbers.map((index) => data[index < 0 ? index + data.length : index] ?? null)
      : undefined;
  context.set(0, dataType, result, items);
}

/** GatherElements, and others whose output has the shape of the second input. */
export function gatherElements(context: InferContext): void {
  context.set(0, context.input(0).dataType, context.shape(1));
}

export function gatherNd(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  const indices = context.shape(1);
  const last = indices?.at(-1);
  const batch = intAttribute(context.node, "batch_dims", 0);
  context.set(0, dataType, shape && indices && typeof last === "number" ? [...indices.slice(0, -1), ...shape.slice(batch + last)] : null);
}

export function topK(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  const attribute = context.node.attributes.get("k");
  const k: Dim = attribute?.type === "int" ? Number(attribute.value) : (context.input(1).data?.[0] ?? null);
  if (!shape) {
    context.set(0, dataType, null);
    context.set(1, "int64", null);
    return;
  }
  const axis = context.axis(shape.length, -1);
  const size = shape[axis];
  if (typeof k === "number" && typeof size === "number" && (k > size || k < 0)) context.fail(`it takes ${k} of ${size}`);
  const result = shape.map((dim, at) => (at === axis ? k : dim));
  context.set(0, dataType, result);
  context.set(1, "int64", result);
}

/** Rows of batch, class and box index; how many is not known beforehand. */
export function nonMaxSuppression(context: InferContext): void {
  context.set(0, "int64", [null, 3]);
}

export function nonZero(context: InferContext): void {
  const shape = context.shape(0);
  context.set(0, "int64", shape ? [shape.length, null] : null);
}
