import type { Dim, GraphNode } from "../ir/model.ts";
import { intAttribute, intsAttribute } from "../ir/model.ts";
import { elementCount, type Tensor } from "../ir/tensor.ts";
import { dataTypeOf } from "../io/fields.ts";
import { broadcastShapes } from "../ops/dims.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { constantTensor } from "../ops/infer/constants.ts";
import { sliceRange } from "../ops/infer/layout.ts";
import { binary, castTensor, unary } from "./arithmetic.ts";
import { broadcastStrides, gathered, isComputable, makeTensor, stridesOf } from "./nd-array.ts";

/**
 * Computes a node whose inputs are all constants, one result an output. Undefined where that operator or type is not computed
 * here. The output shapes come from inference (`states`), which has checked the node against its inputs.
 */
export function evaluate(
  node: GraphNode,
  inputs: readonly (Tensor | undefined)[],
  states: readonly (ValueState | undefined)[],
): Tensor[] | undefined {
  const one = (tensor: Tensor | undefined) => tensor && [tensor];
  const [a, b, c] = inputs;
  const dims = fixed(states[0]?.shape);
  switch (node.opType) {
    case "Constant":
      return one(constantTensor(node));
    case "Identity":
      return one(a);
    case "Reshape":
    case "Flatten":
    case "Squeeze":
    case "Unsqueeze":
      return one(a && dims && { name: "", dataType: a.dataType, dims, data: a.data });
    case "Cast": {
      const to = dataTypeOf(intAttribute(node, "to", 0));
      if (a && to === a.dataType) return one(a);
      return one(a && to && isComputable(a) ? castTensor(a, to) : undefined);
    }
    case "Transpose":
      return one(a && dims && transpose(node, a, dims));
    case "Concat":
      return one(dims && concat(node, inputs, dims));
    case "Slice":
      return one(a && dims && slice(node, inputs, dims));
    case "Split":
      return a && split(node, a, states);
    case "Gather":
      return one(a && b && dims && gather(node, a, b, dims));
    case "Expand":
      return one(a && dims && gathered(a, dims, broadcastStrides(a.dims, dims)));
    case "Tile":
      return one(a && b && dims && tile(a, dims));
    case "ConstantOfShape":
      return one(dims && constantOfShape(node, dims));
    case "Range":
      return one(a && c && dims && range(a, c, dims));
    case "Where":
      return one(a && b && c && where(a, b, c));
    default: {
      if (!inputs.every((tensor) => tensor && isComputable(tensor))) return undefined;
      const [x, y] = inputs.filter((tensor) => tensor !== undefined).filter(isComputable);
      if (!x) return undefined;
      if (inputs.length === 2 && y) return one(binary(node.opType, x, y));
      return inputs.length === 1 ? one(unary(node.opType, x)) : undefined;
    }
  }
}

function fixed(shape: readonly Dim[] | null | undefined): number[] | undefined {
  return shape?.every((dim) => typeof dim === "number") ? [...shape] : undefined;
}

function axisOf(node: GraphNode, fallback: number, rank: number): number {
  const axis = intAttribute(node, "axis", fallback);
  return axis < 0 ? axis + rank : axis;
}

const numbersOf = (tensor: Tensor | undefined) => (tensor && isComputable(tensor) ? Array.from(tensor.data, Number) : undefined);

function transpose(node: GraphNode, a: Tensor, dims: number[]): Tensor {
  const perm = intsAttribute(
    node,
    "perm",
    dims.map((_, at) => dims.length - 1 - at),
  );
  const strides = stridesOf(a.dims);
  return gathered(
    a,
    dims,
    perm.map((at) => strides[at]!),
  );
}

function concat(node: GraphNode, inputs: readonly (Tensor | undefined)[], dims: number[]): Tensor | undefined {
  const axis = axisOf(node, 1, dims.length);
  const first = inputs[0];
  if (!first || inputs.some((tensor) => !tensor || tensor.dataType !== first.dataType) || !isComputable(first)) return undefined;
  const result = makeTensor(first.dataType, dims);
  const target = result.data as unknown as unknown[];
  const rows = elementCount(dims.slice(0, axis));
  const width = elementCount(dims.slice(axis));
  let column = 0;
  for (const tensor of inputs as Tensor[]) {
    const part = elementCount(tensor.dims.slice(axis));
    for (let row = 0; row < rows; row++) for (let at = 0; at < part; at++) target[row * width + column + at] = tensor.data[row * part + at];
    column += part;
  }
  return result;
}

function slice(node: GraphNode, inputs: readonly (Tensor | undefined)[], dims: number[]): Tensor | undefined {
  const [a, starts, ends, axes, steps] = inputs;
  const list = (name: string, tensor: Tensor | undefined) =>
    node.attributes.has(name) ? intsAttribute(node, name, []) : numbersOf(tensor);
  const [from, to] = [list("starts", starts), list("ends", ends)];
  if (!a || !from || !to) return undefined;
  const along = list("axes", axes) ?? from.map((_, at) => at);
  const by = numbersOf(steps) ?? from.map(() => 1);
  const strides = stridesOf(a.dims);
  let offset = 0;
  for (const [at, given] of along.entries()) {
    const axis = given < 0 ? given + dims.length : given;
    const [begin] = sliceRange(a.dims[axis]!, from[at]!, to[at]!, by[at]!);
    offset += begin * strides[axis]!;
    strides[axis] = strides[axis]! * by[at]!;
  }
  return gathered(a, dims, strides, offset);
}

function split(node: GraphNode, a: Tensor, states: readonly (ValueState | undefined)[]): Tensor[] | undefined {
  const axis = axisOf(node, 0, a.dims.length);
  const strides = stridesOf(a.dims);
  const parts: Tensor[] = [];
  let from = 0;
  for (const position of node.outputs.keys()) {
    const dims = fixed(states[position]?.shape);
    if (!dims) return undefined;
    parts.push(gathered(a, dims, strides, from * strides[axis]!));
    from += dims[axis]!;
  }
  return parts;
}

function gather(node: GraphNode, a: Tensor, b: Tensor, dims: number[]): Tensor | undefined {
  const indices = numbersOf(b);
  if (!indices || !isComputable(a)) return undefined;
  const axis = axisOf(node, 0, a.dims.length);
  const size = a.dims[axis]!;
  if (indices.some((index) => index < -size || index >= size)) return undefined;
  const result = makeTensor(a.dataType, dims);
  const target = result.data as unknown as unknown[];
  const inner = elementCount(a.dims.slice(axis + 1));
  const outer = elementCount(a.dims.slice(0, axis));
  let to = 0;
  for (let row = 0; row < outer; row++)
    for (const index of indices) {
      const base = (row * size + (index < 0 ? index + size : index)) * inner;
      for (let at = 0; at < inner; at++) target[to++] = a.data[base + at];
    }
  return result;
}

function tile(a: Tensor, dims: number[]): Tensor | undefined {
  if (!isComputable(a)) return undefined;
  const result = makeTensor(a.dataType, dims);
  const target = result.data as unknown as unknown[];
  const own = stridesOf(a.dims);
  const strides = stridesOf(dims);
  for (let at = 0; at < target.length; at++) {
    let from = 0;
    for (const [axis, stride] of strides.entries()) from += ((Math.floor(at / stride) % dims[axis]!) % a.dims[axis]!) * own[axis]!;
    target[at] = a.data[from];
  }
  return result;
}

function constantOfShape(node: GraphNode, dims: number[]): Tensor | undefined {
  const attribute = node.attributes.get("value");
  const filled = attribute?.type === "tensor" ? attribute.value : makeTensor("float32", [1]);
  if (!isComputable(filled) || filled.data.length === 0) return undefined;
  const result = makeTensor(filled.dataType, dims);
  (result.data as { fill(value: unknown): unknown }).fill(filled.data[0]);
  return result;
}

function range(start: Tensor, delta: Tensor, dims: number[]): Tensor | undefined {
  const [from, by] = [numbersOf(start)?.[0], numbersOf(delta)?.[0]];
  if (from === undefined || by === undefined || !isComputable(start)) return undefined;
  const result = makeTensor(start.dataType, dims);
  const target = result.data as unknown as unknown[];
  const big = typeof start.data[0] === "bigint";
  for (let at = 0; at < target.length; at++) target[at] = big ? BigInt(from + at * by) : from + at * by;
  return result;
}

function where(condition: Tensor, yes: Tensor, no: Tensor): Tensor | undefined {
  const dims = broadcastShapes(condition.dims, yes.dims, no.dims) as number[] | undefined;
  if (!dims || !isComputable(yes) || !isComputable(no)) return undefined;
  const [test, left, right] = [condition, yes, no].map((tensor) => gathered(tensor, dims, broadcastStrides(tensor.dims, dims)));
  const result = makeTensor(yes.dataType, dims);
  const target = result.data as unknown as unknown[];
  for (let at = 0; at < target.length; at++) target[at] = test!.data[at] ? left!.data[at] : right!.data[at];
  return result;
}
