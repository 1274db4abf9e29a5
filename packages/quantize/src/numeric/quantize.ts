import { AppError } from "@octet/shared/errors";
import { roundingMagic } from "@octet/shared/rounding";
import type { QuantParams } from "./quant-params.ts";

/** Integer types of Q/DQ tensors; the 4-bit ones are held unpacked, one element a byte. */
export type QuantDataType = "uint8" | "int8" | "uint16" | "int16" | "int32" | "uint4" | "int4";
export type QuantArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array;

const types = {
  uint8: { array: Uint8Array, qmin: 0, qmax: 255 },
  int8: { array: Int8Array, qmin: -128, qmax: 127 },
  uint16: { array: Uint16Array, qmin: 0, qmax: 65535 },
  int16: { array: Int16Array, qmin: -32768, qmax: 32767 },
  int32: { array: Int32Array, qmin: -(2 ** 31), qmax: 2 ** 31 - 1 },
  uint4: { array: Uint8Array, qmin: 0, qmax: 15 },
  int4: { array: Int8Array, qmin: -8, qmax: 7 },
} as const;

/** What a whole tensor is quantised with; qmin and qmax default to the type's limits. */
export type TensorParams = Pick<QuantParams, "scale" | "zeroPoint"> & { dataType: QuantDataType; qmin?: number; qmax?: number };

/** What a tensor is quantised with along one axis: a scale, and if need be a zero point, for each index of it. */
export interface AxisParams {
  dims: readonly number[];
  /** May be negative, counting from the end. */
  axis: number;
  scales: ArrayLike<number>;
  /** Default: all 0. */
  zeroPoints?: ArrayLike<number>;
  dataType: QuantDataType;
  qmin?: number;
  qmax?: number;
}

/**
 * ONNX QuantizeLinear with one scale: saturate(roundHalfToEven(x / scale) + zeroPoint), the division in float32. NaN
 * becomes the lowest level, as in ONNX Runtime.
 */
export function quantizeLinear(x: Float32Array, params: TensorParams): QuantArray {
  const { array, qmin, qmax } = types[params.dataType];
  const q = new array(x.length);
  quantizeRun(x, q, 0, x.length, params.scale, params.zeroPoint, params.qmin ?? qmin, params.qmax ?? qmax);
  return q;
}

/** ONNX QuantizeLinear along an axis. @throws AppError BAD_INPUT where scales and dims do not fit */
export function quantizeLinearPerAxis(x: Float32Array, params: AxisParams): QuantArray {
  const { array, qmin, qmax } = types[params.dataType];
  const q = new array(x.length);
  forEachRun(x.length, params, (from, to, scale, zero) =>
    quantizeRun(x, q, from, to, scale, zero, params.qmin ?? qmin, params.qmax ?? qmax),
  );
  return q;
}

/** ONNX DequantizeLinear with one scale: (q − zeroPoint)·scale, the product in float32. */
export function dequantizeLinear(q: ArrayLike<number>, params: Pick<QuantParams, "scale" | "zeroPoint">): Float32Array {
  const x = new Float32Array(q.length);
  dequantizeRun(q, x, 0, q.length, params.scale, params.zeroPoint);
  return x;
}

/** ONNX DequantizeLinear along an axis. @throws AppError BAD_INPUT where scales and dims do not fit */
export function dequantizeLinearPerAxis(q: ArrayLike<number>, params: Omit<AxisParams, "dataType">): Float32Array {
  const x = new Float32Array(q.length);
  forEachRun(q.length, params, (from, to, scale, zero) => dequantizeRun(q, x, from, to, scale, zero));
  return x;
}

/** What quantising and dequantising leaves of x; `out` may be x itself. */
export function fakeQuantize(x: Float32Array, params: TensorParams, out = new Float32Array(x.length)): Float32Array {
  const limits = types[params.dataType];
  const { zeroPoint } = params;
  const scale = Math.fround(params.scale);
  const low = (params.qmin ?? limits.qmin) - zeroPoint;
  const high = (params.qmax ?? limits.qmax) - zeroPoint;
  for (let i = 0; i < x.length; i++) {
    const t = Math.fround(x[i]! / scale);
    const clamped = t > low ? Math.min(t, high) : low;
    out[i] = (clamped + roundingMagic - roundingMagic) * scale;
  }
  return out;
}

/** Along an axis: see `fakeQuantize`. @throws AppError BAD_INPUT where scales and dims do not fit */
export function fakeQuantizePerAxis(x: Float32Array, params: AxisParams): Float32Array {
  return dequantizeLinearPerAxis(quantizeLinearPerAxis(x, params), params);
}

function quantizeRun(
  x: Float32Array,
  q: QuantArray,
  from: number,
  to: number,
  scale64: number,
  zeroPoint: number,
  qmin: number,
  qmax: number,
): void {
  const scale = Math.fround(scale64);
  const low = qmin - zeroPoint;
  const high = qmax - zeroPoint;
  for (let i = from; i < to; i++) {
    const t = Math.fround(x[i]! / scale);
    const clamped = t > low ? Math.min(t, high) : low;
    q[i] = clamped + roundingMagic - roundingMagic + zeroPoint;
  }
}

function dequantizeRun(q: ArrayLike<number>, x: Float32Array, from: number, to: number, scale64: number, zeroPoint: number): void {
  const scale = Math.fround(scale64);
  for (let i = from; i < to; i++) x[i] = Math.fround(q[i]! - zeroPoint) * scale;
}

/** Calls `visit` for each stretch of elements that share an index of the axis. */
function forEachRun(
  length: number,
  { dims, axis, scales, zeroPoints }: Omit<AxisParams, "dataType">,
  visit: (from: number, to: number, scale: number, zeroPoint: number) => void,
): void {
  const at = axis < 0 ? axis + dims.length : axis;
  const size = dims[at];
  if (size === undefined || size !== scales.length || (zeroPoints && zeroPoints.length !== size)) {
    throw new AppError("BAD_INPUT", `${scales.length} scales do not fit axis ${axis} of a tensor of dimensions [${dims.join(", ")}]`, {
      hint: "Give one scale and one zero point for each index of the axis.",
    });
  }
  const inner = dims.slice(at + 1).reduce((product, dim) => product * dim, 1);
  if (inner === 0 || size === 0) return;
  for (let from = 0, channel = 0; from < length; from += inner, channel = channel + 1 === size ? 0 : channel + 1) {
    visit(from, from + inner, scales[channel]!, zeroPoints?.[channel] ?? 0);
  }
}
