import { type Dim, intAttribute } from "../../ir/model.ts";
import { broadcastShapes, compatible, showShape } from "../dims.ts";
import type { InferContext } from "../infer-context.ts";

export function gemm(context: InferContext): void {
  const { dataType, shape: a } = context.input(0);
  const b = context.shape(1);
  if (!a || !b) {
    context.set(0, dataType, null);
    return;
  }
  if (a.length !== 2 || b.length !== 2) context.fail(`it multiplies ${showShape(a)} and ${showShape(b)}, which are no matrices`);
  const [rows, inner] = intAttribute(context.node, "transA", 0) ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [other, columns] = intAttribute(context.node, "transB", 0) ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (!compatible(inner, other)) context.fail(`the inner sizes of ${showShape(a)} and ${showShape(b)} differ`);
  context.set(0, dataType, [rows, columns]);
}

export function matMul(context: InferContext): void {
  product(context, 0, 1, context.input(0).dataType);
}

export function qLinearMatMul(context: InferContext): void {
  product(context, 0, 3, context.input(7).dataType);
}

export function matMulInteger(context: InferContext): void {
  product(context, 0, 1, "int32");
}

/** numpy.matmul: vectors get a dimension that is taken away again, leading dimensions broadcast. */
function product(context: InferContext, left: number, right: number, dataType: ReturnType<InferContext["input"]>["dataType"]): void {
  const a = context.shape(left);
  const b = context.shape(right);
  if (!a || !b) {
    context.set(0, dataType, null);
    return;
  }
  if (a.length === 0 || b.length === 0) context.fail("it multiplies a scalar");
  const [x, y]: [Dim[], Dim[]] = [a.length === 1 ? [1, ...a] : a, b.length === 1 ? [...b, 1] : b];
  if (!compatible(x.at(-1), y.at(-2))) context.fail(`the inner sizes of ${showShape(a)} and ${showShape(b)} differ`);
  const leading = broadcastShapes(x.slice(0, -2), y.slice(0, -2));
  if (!leading) context.fail(`shapes ${showShape(a)} and ${showShape(b)} do not broadcast`);
  const shape = [...leading!];
  if (a.length > 1) shape.push(x.at(-2)!);
  if (b.length > 1) shape.push(y.at(-1)!);
  context.set(0, dataType, shape);
}

export function batchNormalization(context: InferContext): void {
  const { dataType, shape } = context.input(0);
  if (shape && shape.length < 2) context.fail(`its input is ${showShape(shape)}, without channels`);
  for (let position = 1; position < 5; position++) {
    const parameter = context.shape(position);
    if (shape && parameter && (parameter.length !== 1 || !compatible(parameter[0], shape[1])))
      context.fail(`parameter "${context.node.inputs[position]}" is ${showShape(parameter)} for ${shape[1]} channels`);
  }
  context.set(0, dataType, shape);
  for (let position = 1; position < context.node.outputs.length; position++)
    context.set(position, context.input(4).dataType, context.shape(Math.min(position + 2, 4)));
}
