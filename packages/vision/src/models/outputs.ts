import { AppError } from "@octet/shared/errors";
import type { OutputTensor, TensorInfo } from "./family.ts";

/** How many elements one image takes in an output of fixed dimensions (batch excluded); null where one is not fixed. */
export function elementsPerImage(tensor: TensorInfo): number | null {
  let product = 1;
  for (const dimension of tensor.shape.slice(1)) {
    if (typeof dimension !== "number") return null;
    product *= dimension;
  }
  return product;
}

/**
 * Outputs of one role, finest grid first. Exporters list the strides of every role in the same order, so where the
 * dimensions are not fixed that order is kept.
 */
export function finestFirst(tensors: readonly TensorInfo[]): TensorInfo[] {
  const stride = (tensor: TensorInfo) => Number(/(?:stride|_)(\d+)$/.exec(tensor.name)?.[1] ?? Number.NaN);
  if (tensors.every((tensor) => tensor.shape.length > 1 && elementsPerImage(tensor) !== null)) {
    return [...tensors].sort((a, b) => elementsPerImage(b)! - elementsPerImage(a)!);
  }
  if (tensors.every((tensor) => stride(tensor) > 0)) return [...tensors].sort((a, b) => stride(a) - stride(b));
  return [...tensors];
}

/** A run's output by name. Throws AppError INFERENCE_FAILED where the run did not give it. */
export function outputNamed(outputs: Readonly<Record<string, OutputTensor>>, name: string): OutputTensor {
  const tensor = outputs[name];
  if (!tensor) throw new AppError("INFERENCE_FAILED", `The model gave no output "${name}"`);
  return tensor;
}

/** Throws AppError INFERENCE_FAILED unless `tensor` holds `perImage` elements for image `batchIndex`; returns where they begin. */
export function imageOffset(tensor: OutputTensor, name: string, batchIndex: number, perImage: number): number {
  const begin = batchIndex * perImage;
  if (begin + perImage > tensor.data.length) {
    throw new AppError(
      "INFERENCE_FAILED",
      `Output "${name}" has ${tensor.data.length} values (${tensor.dims.join("×")}), too few for image ${batchIndex} of ${perImage} values`,
    );
  }
  return begin;
}

/** Longer ones are formulas of the input's size. */
const MAX_SYMBOL = 40;

/** "1×3×height×width", "?" where a size has no name to speak of. */
export function shapeText({ shape }: Pick<TensorInfo, "shape">): string {
  return shape.map((size) => (size === null || String(size).length > MAX_SYMBOL ? "?" : size)).join("×");
}

/** "1×12800×4, …" of a signature's outputs, for messages. */
export function describeOutputs(tensors: readonly TensorInfo[]): string {
  return tensors.map(shapeText).join(", ");
}
