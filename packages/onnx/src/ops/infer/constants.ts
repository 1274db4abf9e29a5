import type { DataType } from "../../ir/data-type.ts";
import { dataTypeOf } from "../../io/fields.ts";
import { type Dim, intAttribute } from "../../ir/model.ts";
import { elementCount, type Tensor } from "../../ir/tensor.ts";
import { productOf } from "../dims.ts";
import type { InferContext, ValueState } from "../infer-context.ts";
import { cast } from "./elementwise.ts";

/** Longer vectors are no shapes. */
const MAX_DATA = 256;

/** What is known of a constant: its elements too where shapes could be computed from them. */
export function stateOfTensor({ dataType, dims, data }: Tensor): ValueState {
  const state: ValueState = { dataType, shape: [...dims] };
  const small = dims.length <= 1 && elementCount(dims) <= MAX_DATA;
  const numeric = dataType === "int64" || dataType === "int32" || dataType === "float32" || dataType === "float64" || dataType === "bool";
  return small && numeric && !Array.isArray(data) ? { ...state, data: Array.from(data as ArrayLike<number | bigint>, Number) } : state;
}

export function shapeOp(context: InferContext): void {
  const shape = context.shape(0);
  if (!shape) {
    context.set(0, "int64", [null]);
    return;
  }
  const clamp = (value: number) => Math.min(Math.max(value < 0 ? value + shape.length : value, 0), shape.length);
  const part = shape.slice(clamp(intAttribute(context.node, "start", 0)), clamp(intAttribute(context.node, "end", shape.length)));
  context.set(0, "int64", [part.length], part);
}

export function size(context: InferContext): void {
  const shape = context.shape(0);
  context.set(0, "int64", [], [shape ? productOf(shape) : null]);
}

/** The tensor that a Constant node's attributes say; undefined for sparse ones. */
export function constantTensor(node: InferContext["node"]): Tensor | undefined {
  const name = node.outputs[0] ?? "";
  for (const [key, attribute] of node.attributes) {
    if (key === "value" && attribute.type === "tensor") return attribute.value;
    if (key === "value_float" && attribute.type === "float") return tensor(name, "float32", [], Float32Array.of(attribute.value));
    if (key === "value_floats" && attribute.type === "floats")
      return tensor(name, "float32", [attribute.value.length], Float32Array.from(attribute.value));
    if (key === "value_int" && attribute.type === "int") return tensor(name, "int64", [], BigInt64Array.of(attribute.value));
    if (key === "value_ints" && attribute.type === "ints")
      return tensor(name, "int64", [attribute.value.length], BigInt64Array.from(attribute.value));
    if (key === "value_string" && attribute.type === "string") return tensor(name, "string", [], [attribute.value]);
    if (key === "value_strings" && attribute.type === "strings") return tensor(name, "string", [attribute.value.length], attribute.value);
  }
  return undefined;
}

function tensor(name: string, dataType: DataType, dims: number[], data: Tensor["data"]): Tensor {
  return { name, dataType, dims, data };
}

export function constant(context: InferContext): void {
  const value = constantTensor(context.node);
  if (value) context.outputs[0] = stateOfTensor(value);
}

export function constantOfShape(context: InferContext): void {
  const value = context.node.attributes.get("value");
  const filled = value?.type === "tensor" ? value.value : undefined;
  const target = context.input(0).data;
  const rank = context.shape(0)?.[0];
  const shape: Dim[] | null = target ? [...target] : typeof rank === "number" && rank < 64 ? new Array<Dim>(rank).fill(null) : null;
  if (target?.some((dim) => typeof dim === "number" && dim < 0)) context.fail(`its shape is [${target.join(", ")}]`);
  const count = shape ? productOf(shape) : null;
  const item = filled ? stateOfTensor({ ...filled, dims: [1] }).data?.[0] : 0;
  const data =
    shape && shape.length <= 1 && typeof count === "number" && count <= MAX_DATA && item !== undefined
      ? new Array<Dim>(count).fill(item)
      : undefined;
  context.set(0, filled?.dataType ?? "float32", shape, data);
}

export function range(context: InferContext): void {
  const [start, limit, delta] = [0, 1, 2].map((position) => context.numbers(position)?.[0]);
  const { dataType } = context.input(0);
  if (start === undefined || limit === undefined || delta === undefined || delta === 0) {
    // 0, 1, … n − 1: n may be a symbol.
    const end = context.input(1).data?.[0];
    context.set(0, dataType, [start === 0 && delta === 1 && typeof end === "string" ? end : null]);
    return;
  }
  const length = Math.max(0, Math.ceil((limit - start) / delta));
  context.set(0, dataType, [length], length <= MAX_DATA ? Array.from({ length }, (_, i) => start + i * delta) : undefined);
}

export function castOp(context: InferContext): void {
  const number = intAttribute(context.node, "to", 0);
  cast(context, dataTypeOf(number) ?? context.fail(`it casts to type ${number}, which is not known`));
}

export function quantizeLinear(context: InferContext): void {
  const declared = dataTypeOf(intAttribute(context.node, "output_dtype", 0));
  context.set(0, context.has(2) ? context.input(2).dataType : (declared ?? "uint8"), context.shape(0));
}

export function dequantizeLinear(context: InferContext): void {
  context.set(0, context.input(1).dataType, context.shape(0));
}

/** y, y_scale, y_zero_point */
export function dynamicQuantizeLinear(context: InferContext): void {
  context.set(0, "uint8", context.shape(0));
  context.set(1, "float32", []);
  context.set(2, "uint8", []);
}
