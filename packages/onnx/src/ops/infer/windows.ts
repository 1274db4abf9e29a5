import { type Dim, intAttribute, intsAttribute, stringAttribute } from "../../ir/model.ts";
import { compatible, multiplyDims, showShape } from "../dims.ts";
import type { InferContext } from "../infer-context.ts";

export function conv(context: InferContext): void {
  convolve(context, 0, 1, context.input(0).dataType);
}

/** Inputs x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias. */
export function qLinearConv(context: InferContext): void {
  convolve(context, 0, 3, context.input(7).dataType);
}

export function convInteger(context: InferContext): void {
  convolve(context, 0, 1, "int32");
}

function convolve(context: InferContext, dataAt: number, weightAt: number, dataType: ReturnType<InferContext["input"]>["dataType"]): void {
  const x = context.shape(dataAt);
  const w = context.shape(weightAt);
  if (!x || !w) {
    context.set(0, dataType, null);
    return;
  }
  if (x.length < 3 || w.length !== x.length) context.fail(`input ${showShape(x)} and weights ${showShape(w)} do not belong together`);
  const group = intAttribute(context.node, "group", 1);
  if (group < 1) context.fail(`it has ${group} groups`);
  if (!compatible(x[1], multiplyDims(w[1]!, group)))
    context.fail(`the input has ${x[1]} channels, the weights ${showShape(w)} in ${group} groups take ${multiplyDims(w[1]!, group)}`);
  if (typeof w[0] === "number" && w[0] % group !== 0) context.fail(`${w[0]} output channels do not divide into ${group} groups`);
  const declared = context.node.attributes.get("kernel_shape");
  const kernel = declared?.type === "ints" ? declared.value.map(Number) : w.slice(2);
  if (kernel.some((size, at) => !compatible(size, w[at + 2])))
    context.fail(`kernel_shape ${showShape(kernel)} against weights ${showShape(w)}`);
  const bias = context.node.opType === "Conv" ? context.shape(2) : null;
  if (bias && (bias.length !== 1 || !compatible(bias[0], w[0]))) context.fail(`bias ${showShape(bias)} for ${w[0]} output channels`);
  context.set(0, dataType, [x[0]!, w[0]!, ...slide(context, x.slice(2), kernel)]);
}

export function convTranspose(context: InferContext): void {
  const { dataType, shape: x } = context.input(0);
  const w = context.shape(1);
  if (!x || !w) {
    context.set(0, dataType, null);
    return;
  }
  if (x.length < 3 || w.length !== x.length || !compatible(x[1], w[0]))
    context.fail(`input ${showShape(x)} against weights ${showShape(w)}`);
  const { node } = context;
  const spatial = x.length - 2;
  const list = (name: string, fallback: number) => listOf(context, name, fallback, spatial);
  const [strides, dilations, added] = [list("strides", 1), list("dilations", 1), list("output_padding", 0)];
  const kernel = node.attributes.has("kernel_shape") ? list("kernel_shape", 1) : w.slice(2);
  const pads = listOf(context, "pads", 0, spatial * 2);
  const outputShape = intsAttribute(node, "output_shape", []);
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  const sizes = x.slice(2).map((size, at): Dim => {
    if (outputShape.length > 0) return outputShape[outputShape.length - spatial + at] ?? null;
    const k = kernel[at];
    if (typeof size !== "number" || typeof k !== "number") return null;
    if (autoPad.startsWith("SAME")) return size * strides[at]!;
    const padding = autoPad === "VALID" ? 0 : pads[at]! + pads[at + spatial]!;
    return strides[at]! * (size - 1) + added[at]! + (k - 1) * dilations[at]! + 1 - padding;
  });
  if (sizes.some((size) => typeof size === "number" && size < 1)) context.fail(`its output would be ${showShape(sizes)}`);
  context.set(0, dataType, [x[0]!, multiplyDims(w[1]!, intAttribute(node, "group", 1)), ...sizes]);
}

/** MaxPool, AveragePool, LpPool; MaxPool's second output are the indices. */
export function pool(context: InferContext): void {
  const { dataType, shape: x } = context.input(0);
  if (context.node.outputs.length > 1) context.set(1, "int64", null);
  if (!x) {
    context.set(0, dataType, null);
    return;
  }
  const kernel = intsAttribute(context.node, "kernel_shape", []);
  if (x.length !== kernel.length + 2) context.fail(`input ${showShape(x)} against kernel_shape [${kernel.join(", ")}]`);
  const shape = [x[0]!, x[1]!, ...slide(context, x.slice(2), kernel)];
  context.set(0, dataType, shape);
  if (context.node.outputs.length > 1) context.set(1, "int64", shape);
}

export function globalPool(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  if (shape && shape.length < 3) context.fail(`its input is ${showShape(shape)}, without spatial dimensions`);
  context.set(0, dataType, shape?.map((dim, at) => (at < 2 ? dim : 1)) ?? null);
}

/** Output sizes of a sliding window (ONNX: Conv, MaxPool; the two rounding modes and four paddings). */
function slide(context: InferContext, sizes: readonly Dim[], kernel: readonly Dim[]): Dim[] {
  const { node } = context;
  const spatial = sizes.length;
  const strides = listOf(context, "strides", 1, spatial);
  const dilations = listOf(context, "dilations", 1, spatial);
  const pads = listOf(context, "pads", 0, spatial * 2);
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  const ceil = intAttribute(node, "ceil_mode", 0) === 1;
  if (strides.some((stride) => stride < 1) || dilations.some((dilation) => dilation < 1))
    context.fail("strides and dilations are at least 1");
  return sizes.map((size, at): Dim => {
    const k = kernel[at];
    if (typeof size !== "number" || typeof k !== "number") return null;
    if (k < 1) context.fail(`its kernel is ${showShape(kernel)}`);
    const stride = strides[at]!;
    if (autoPad.startsWith("SAME")) return Math.ceil(size / stride);
    const padding = autoPad === "VALID" ? 0 : pads[at]! + pads[at + spatial]!;
    const room = size + padding - (dilations[at]! * (k - 1) + 1);
    if (room < 0) context.fail(`its kernel ${showShape(kernel)} is larger than the padded input ${showShape(sizes)}`);
    let count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that would start in the padding at the end does not count.
    if (ceil && (count - 1) * stride >= size + (autoPad === "VALID" ? 0 : pads[at]!)) count--;
    return count;
  });
}

function listOf(context: InferContext, name: string, fallback: number, length: number): number[] {
  const list = intsAttribute(context.node, name, []);
  if (list.length === 0) return new Array<number>(length).fill(fallback);
  if (list.length !== length) context.fail(`${name} has ${list.length} elements, and ${length} are needed`);
  return list;
}
