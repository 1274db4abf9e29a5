import type { DataType } from "../ir/data-type.ts";
import { newTensorArray, storageLength } from "../ir/storage.ts";
import { elementCount, type Tensor, type TensorArray } from "../ir/tensor.ts";

/** Types whose elements the kernels compute with. */
export type NumericTensor = Omit<Tensor, "data"> & { data: Exclude<TensorArray, string[]> };

const computable = new Set<DataType>([
  "float32",
  "float64",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
]);

export function isComputable(tensor: Tensor): tensor is NumericTensor {
  return computable.has(tensor.dataType) && !Array.isArray(tensor.data);
}

export function makeTensor(dataType: DataType, dims: readonly number[]): NumericTensor {
  const data = newTensorArray(dataType, storageLength(dataType, dims));
  return { name: "", dataType, dims: [...dims], data } as NumericTensor;
}

export function isBigInt(data: NumericTensor["data"]): data is BigInt64Array | BigUint64Array {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

/** Row-major strides in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let at = dims.length - 2; at >= 0; at--) strides[at] = strides[at + 1]! * dims[at + 1]!;
  return strides;
}

/** For each element of `dims` in order, the position in an array that is walked with `strides` (0: repeated). */
export function* walk(dims: readonly number[], strides: readonly number[], from = 0): Generator<number> {
  const total = elementCount(dims);
  const index = new Array<number>(dims.length).fill(0);
  let at = from;
  for (let count = 0; count < total; count++) {
    yield at;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < dims[axis]!) break;
      at -= strides[axis]! * dims[axis]!;
      index[axis] = 0;
    }
  }
}

/** A new tensor that takes its elements from `source`, walked with `strides` from `from`. */
export function gathered(source: Tensor, dims: readonly number[], strides: readonly number[], from = 0): Tensor {
  const data = newTensorArray(source.dataType, elementCount(dims)) as unknown[];
  let to = 0;
  for (const at of walk(dims, strides, from)) data[to++] = source.data[at];
  return { name: "", dataType: source.dataType, dims: [...dims], data: data as unknown as TensorArray };
}

/** Strides that repeat `dims` up to the broadcast shape `to`. */
export function broadcastStrides(dims: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(dims);
  const skipped = to.length - dims.length;
  return to.map((_, axis) => (axis < skipped || dims[axis - skipped] === 1 ? 0 : own[axis - skipped]!));
}
