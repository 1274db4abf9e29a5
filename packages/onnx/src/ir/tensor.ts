import type { DataType } from "./data-type.ts";

/**
 * Elements by data type: float16 and bfloat16 are their bit patterns (Uint16Array), bool and the 4- and 8-bit floats
 * their bytes (packed as in the file, where two share a byte), complex numbers pairs.
 */
export type TensorArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** A constant of the graph: row-major, `dims` empty for a scalar. */
export interface Tensor {
  name: string;
  dataType: DataType;
  dims: number[];
  data: TensorArray;
  docString?: string;
  /** Fields that the typed part does not know (metadata), written back as they came. */
  raw?: Uint8Array;
}

/** How many elements a tensor of these dimensions has; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** @throws TypeError where the tensor's elements are no float32 */
export function floatsOf(tensor: Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError(`Tensor "${tensor.name}" is ${tensor.dataType}, not float32`);
  return tensor.data;
}
