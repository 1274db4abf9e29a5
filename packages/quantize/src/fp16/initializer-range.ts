import { float16Max } from "../numeric/float16.ts";

/** Every magnitude below half the smallest subnormal rounds to 0. */
const vanishing = 2 ** -25;
/** Every magnitude from here on rounds to infinity. */
const overflowing = float16Max + 16;

export interface ClampLimits {
  /** Smallest magnitude of what is not 0, say 1e-7. */
  min: number;
  /** Largest magnitude, say 1e4. */
  max: number;
}

export interface ClampCounts {
  /** Elements raised to the smallest, and lowered to the largest magnitude. */
  raised: number;
  lowered: number;
}

/**
 * Why a constant cannot be held in float16, or null: some element would become infinite, or, where `vanishingMatters`,
 * all that is not 0 would vanish (an epsilon that keeps a division from 0, say). Single small elements among larger ones
 * may vanish; infinities that are there already may stay.
 */
export function float16Problem(values: ArrayLike<number>, vanishingMatters: boolean): string | null {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (size > largest && size !== Number.POSITIVE_INFINITY) largest = size;
  }
  if (largest >= overflowing) return `holds ${largest}, beyond float16's ${float16Max}`;
  if (vanishingMatters && largest > 0 && largest <= vanishing) return `holds at most ${largest}, which is 0 in float16`;
  return null;
}

/** A copy with each magnitude moved into the limits; 0, infinities and NaN stay. Adds to the counts. */
export function clamped(values: Float32Array, { min, max }: ClampLimits, counts: ClampCounts): Float32Array {
  return values.map((value) => {
    const size = Math.abs(value);
    if (size > 0 && size < min) {
      counts.raised++;
      return Math.sign(value) * min;
    }
    if (size > max && size !== Number.POSITIVE_INFINITY) {
      counts.lowered++;
      return Math.sign(value) * max;
    }
    return value;
  });
}
