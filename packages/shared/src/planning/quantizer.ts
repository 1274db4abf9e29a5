/** How floats become 8-bit integers and back: real = scale · (integer − zeroPoint). */
export interface Quantizer {
  scale: number;
  zeroPoint: number;
  qmin: number;
  qmax: number;
}

/**
 * Affine (uint8, 0…255) or symmetric (int8, −127…127, zero point 0) quantisation of a range, in exact arithmetic: for
 * explaining. What runs is `@octet/quantize/numeric`, which rounds the scale to float32. The range is widened to hold 0, so
 * that 0 is kept exactly (Jacob et al. 2018, eq. 1).
 */
export function quantizerOf(min: number, max: number, symmetric: boolean): Quantizer {
  const [low, high] = [Math.min(0, min), Math.max(0, max)];
  if (symmetric) return { scale: Math.max(-low, high) / 127 || 1, zeroPoint: 0, qmin: -127, qmax: 127 };
  const scale = (high - low) / 255 || 1;
  return { scale, zeroPoint: Math.round(-low / scale), qmin: 0, qmax: 255 };
}

export function quantizeValue({ scale, zeroPoint, qmin, qmax }: Quantizer, value: number): number {
  return Math.min(qmax, Math.max(qmin, Math.round(value / scale) + zeroPoint));
}

export const dequantizeValue = ({ scale, zeroPoint }: Quantizer, level: number): number => scale * (level - zeroPoint);

export interface QuantizationError {
  /** Share of the values that lie outside the range, 0–1. */
  clipped: number;
  /** Signal over noise, dB: 10·log₁₀(Σx² / Σ(x − x̂)²). */
  sqnrDb: number;
  largest: number;
}

export function quantizationError(quantizer: Quantizer, values: readonly number[]): QuantizationError {
  const low = dequantizeValue(quantizer, quantizer.qmin) - quantizer.scale / 2;
  const high = dequantizeValue(quantizer, quantizer.qmax) + quantizer.scale / 2;
  let [signal, noise, largest, clipped] = [0, 0, 0, 0];
  for (const value of values) {
    const error = value - dequantizeValue(quantizer, quantizeValue(quantizer, value));
    signal += value * value;
    noise += error * error;
    largest = Math.max(largest, Math.abs(error));
    if (value < low || value > high) clipped++;
  }
  return { clipped: clipped / Math.max(1, values.length), sqnrDb: 10 * Math.log10(signal / noise), largest };
}
