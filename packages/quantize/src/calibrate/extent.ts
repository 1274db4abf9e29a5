import type { Range } from "./range-observer.ts";

export interface Extent extends Range {
  /** How many values were NaN or infinite. */
  nonFinite: number;
}

/**
 * Smallest and largest finite value; min > max where there is none. Two chains of comparisons run side by side, as one
 * alone waits for itself. NaN fails the first comparison of each value, so it costs nothing to look for; infinity
 * shows in the result.
 */
export function extentOf(values: Float32Array): Extent {
  const length = values.length;
  const whole = length - (length % 4);
  // Plain declarations: V8 keeps variables that were destructured from an array as boxed numbers, six times slower.
  let min0 = Number.POSITIVE_INFINITY;
  let min1 = Number.POSITIVE_INFINITY;
  let max0 = Number.NEGATIVE_INFINITY;
  let max1 = Number.NEGATIVE_INFINITY;
  let nonFinite = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = values[i]!;
    const b = values[i + 1]!;
    const c = values[i + 2]!;
    const d = values[i + 3]!;
    if (!(a >= min0)) {
      if (a < min0) min0 = a;
      else nonFinite++;
    }
    if (a > max0) max0 = a;
    if (!(b >= min1)) {
      if (b < min1) min1 = b;
      else nonFinite++;
    }
    if (b > max1) max1 = b;
    if (!(c >= min0)) {
      if (c < min0) min0 = c;
      else nonFinite++;
    }
    if (c > max0) max0 = c;
    if (!(d >= min1)) {
      if (d < min1) min1 = d;
      else nonFinite++;
    }
    if (d > max1) max1 = d;
  }
  for (let i = whole; i < length; i++) {
    const a = values[i]!;
    if (!(a >= min0)) {
      if (a < min0) min0 = a;
      else nonFinite++;
    }
    if (a > max0) max0 = a;
  }
  const min = Math.min(min0, min1);
  const max = Math.max(max0, max1);
  return Number.isFinite(min) && Number.isFinite(max) ? { min, max, nonFinite } : finiteExtent(values);
}

function finiteExtent(values: Float32Array): Extent {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nonFinite = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) {
      nonFinite++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max, nonFinite };
}
