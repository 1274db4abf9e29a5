import { AppError } from "@octet/shared/errors";
import { roundHalfToEven } from "@octet/shared/rounding";

/** x ≈ scale·(q − zeroPoint), q within qmin…qmax. `scale` is a float32 value. */
export interface QuantParams {
  scale: number;
  zeroPoint: number;
  dataType: "uint8" | "int8" | "int32";
  qmin: number;
  qmax: number;
}

export interface SymmetricOptions {
  dataType?: "uint8" | "int8";
  /** 7 leaves the top bit free: on x64 without VNNI the 16-bit sums of uint8·int8 pairs would saturate. Default 8. */
  bits?: 8 | 7;
  /**
   * Whether the level below −absmax is left out (int8: −127…127), as for weights. A QuantizeLinear node saturates at
   * the type's own limits, so activations want false. The scale is the same. Default true.
   */
  narrow?: boolean;
}

export interface AsymmetricOptions {
  dataType?: "uint8" | "int8";
  bits?: 8 | 7;
}

/** Below this a scale is no normal float32: ONNX Runtime then takes scale 1 and zero point 0, and so do we. */
const smallestScale = 2 ** -126;

/**
 * Zero in the middle, at 0 (int8) or 128 (uint8): both give the same numbers at the same scale. The scale is ONNX
 * Runtime's 2·absmax/254, or 2·absmax/128 with 7 bits (int8 −64…64, its reduced range; uint8: 2·absmax/126 around 64).
 * A range without extent gives scale 1.
 * @throws AppError BAD_INPUT where the range is not finite or upside down
 */
export function symmetricParams(min: number, max: number, options: SymmetricOptions = {}): QuantParams {
  const { dataType = "int8", bits = 8, narrow = true } = options;
  checkRange(min, max);
  const levels = bits === 8 ? 127 : dataType === "int8" ? 64 : 63;
  const zeroPoint = dataType === "int8" ? 0 : bits === 8 ? 128 : 64;
  const absmax = Math.fround(Math.max(Math.abs(min), Math.abs(max)));
  const lowest = dataType === "uint8" ? 0 : bits === 8 ? -128 : -64;
  return {
    scale: usableScale(absmax / levels),
    zeroPoint,
    dataType,
    qmin: narrow ? zeroPoint - levels : lowest,
    qmax: zeroPoint + levels,
  };
}

/**
 * The range, extended so that it holds 0, spread over all levels; the zero point is rounded half to even and lies
 * within them. As ONNX Runtime's `compute_scale_zp`: the extent is taken in float32, the division in float64; where
 * the scale would be less than the smallest normal float32, scale 1 and zero point 0.
 * @throws AppError BAD_INPUT where the range is not finite or upside down
 */
export function asymmetricParams(min: number, max: number, options: AsymmetricOptions = {}): QuantParams {
  const { dataType = "uint8", bits = 8 } = options;
  checkRange(min, max);
  const qmin = dataType === "uint8" ? 0 : bits === 8 ? -128 : -64;
  const qmax = dataType === "uint8" ? (bits === 8 ? 255 : 127) : bits === 8 ? 127 : 64;
  const low = Math.fround(Math.min(min, 0));
  const high = Math.fround(Math.max(max, 0));
  const scale = finite(Math.fround(high - low)) / (qmax - qmin);
  if (scale < smallestScale) return { scale: 1, zeroPoint: 0, dataType, qmin, qmax };
  const zeroPoint = Math.min(qmax, Math.max(qmin, roundHalfToEven(qmin - low / scale)));
  return { scale: Math.fround(scale), zeroPoint: zeroPoint + 0, dataType, qmin, qmax };
}

/** The textbook's symmetric parameters: scale = max(|min|, |max|)/127, zero point 0. @throws AppError BAD_INPUT */
export function referenceSymmetric(min: number, max: number): QuantParams {
  checkRange(min, max);
  return { scale: usableScale(Math.max(Math.abs(min), Math.abs(max)) / 127), zeroPoint: 0, dataType: "int8", qmin: -128, qmax: 127 };
}

/**
 * The textbook's asymmetric parameters: scale = (max − min)/255, zero point = −min/scale, rounded, on uint8. Unlike
 * `asymmetricParams` it does not extend the range to 0, so its zero point may lie outside of 0…255.
 * @throws AppError BAD_INPUT
 */
export function referenceAsymmetric(min: number, max: number): QuantParams {
  checkRange(min, max);
  const scale = usableScale((max - min) / 255);
  return { scale, zeroPoint: roundHalfToEven(-min / scale) + 0, dataType: "uint8", qmin: 0, qmax: 255 };
}

/** The real values that the lowest and the highest level stand for. */
export function representableRange({ scale, zeroPoint, qmin, qmax }: QuantParams): { min: number; max: number } {
  return { min: scale * (qmin - zeroPoint), max: scale * (qmax - zeroPoint) };
}

/** The largest error of rounding for values inside the representable range: half a step. Outside it, clipping adds the distance. */
export function roundingErrorBound({ scale }: Pick<QuantParams, "scale">): number {
  return scale / 2;
}

function usableScale(scale: number): number {
  return finite(scale) < smallestScale ? 1 : Math.fround(scale);
}

function checkRange(min: number, max: number): void {
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    throw new AppError("BAD_INPUT", `The range ${min} … ${max} cannot be quantised`, {
      hint: "Give a finite minimum that is not above the maximum; look for infinities or NaN in the calibration data.",
    });
  }
}

function finite(value: number): number {
  if (Number.isFinite(Math.fround(value))) return value;
  throw new AppError("BAD_INPUT", "The range is wider than float32 can express", { hint: "Look for infinities in the calibration data." });
}
