import type { DataType } from "./data-type.ts";
import { elementCount, type TensorArray } from "./tensor.ts";

type NumericArray = Exclude<TensorArray, string[]>;
type ArrayClass = { new (length: number): NumericArray; new (buffer: ArrayBuffer): NumericArray; readonly BYTES_PER_ELEMENT: number };

const classes: Record<Exclude<DataType, "string">, ArrayClass> = {
  float32: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  float64: Float64Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  complex64: Float32Array,
  complex128: Float64Array,
  bfloat16: Uint16Array,
  float8e4m3fn: Uint8Array,
  float8e4m3fnuz: Uint8Array,
  float8e5m2: Uint8Array,
  float8e5m2fnuz: Uint8Array,
  uint4: Uint8Array,
  int4: Uint8Array,
  float4e2m1: Uint8Array,
};

/** How many array elements a tensor of this type and size is stored in: 4-bit types put two in a byte, complex numbers take two. */
export function storageLength(dataType: DataType, dims: readonly number[]): number {
  const count = elementCount(dims);
  if (dataType === "uint4" || dataType === "int4" || dataType === "float4e2m1") return Math.ceil(count / 2);
  return dataType === "complex64" || dataType === "complex128" ? count * 2 : count;
}

/** Bytes of one array element. @throws TypeError for strings, which have no fixed size */
export function bytesPerElement(dataType: DataType): number {
  return classOf(dataType).BYTES_PER_ELEMENT;
}

/** A zeroed array for `length` stored elements (see `storageLength`). */
export function newTensorArray(dataType: DataType, length: number): TensorArray {
  return dataType === "string" ? new Array<string>(length).fill("") : new (classOf(dataType))(length);
}

/** Little-endian bytes (ONNX raw_data) as an array of its own; `bytes` is copied once and need not be aligned. */
export function arrayFromBytes(dataType: DataType, bytes: Uint8Array): NumericArray {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return new (classOf(dataType))(copy.buffer);
}

/** The array's memory as bytes, not copied. */
export function bytesOf(data: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Whether the array is of the class that the data type calls for. */
export function isStoredAs(dataType: DataType, data: TensorArray): boolean {
  return dataType === "string" ? Array.isArray(data) : data instanceof classOf(dataType);
}

/** Bytes that the tensor takes in a file; strings count their characters. */
export function tensorBytes({ data }: { data: TensorArray }): number {
  return Array.isArray(data) ? data.reduce((sum, text) => sum + text.length, 0) : data.byteLength;
}

function classOf(dataType: DataType): ArrayClass {
  if (dataType === "string") throw new TypeError("Strings are not stored in typed arrays");
  return classes[dataType];
}
