import { roundHalfToEven } from "@octet/shared/rounding";

/**
 * Of weights [M, K], which element of a channel's K is multiplied and added along with each: one's index for the other's,
 * −1 for an element that is alone.
 */
export type WeightPairs = Int32Array;

/**
 * The most that the levels of a pair may make up where their signs are the same. `vpmaddubsw` adds two products of uint8
 * and int8 in 16 bits: 255 · 128 = 32,640 is the last multiple of 255 below 2¹⁵.
 */
export const PAIR_LIMIT = 128;
const LARGEST = 127;

/** The finest step, for one channel's weights, in which no weight is above 127 levels and no pair above 128 together. */
export function pairedStep(weight: ArrayLike<number>, from: number, pairs: WeightPairs): number {
  let single = 0;
  let joint = 0;
  for (let k = 0; k < pairs.length; k++) {
    const other = pairs[k]!;
    const value = weight[from + k]!;
    single = Math.max(single, Math.abs(value));
    if (other > k && value * weight[from + other]! > 0) joint = Math.max(joint, Math.abs(value + weight[from + other]!));
  }
  return Math.max(single / LARGEST, joint / PAIR_LIMIT);
}

/** The level of the first of two weights, given in steps, and what it leaves to the second: both give way alike. */
export function firstOfPair(first: number, second: number): number {
  const sign = first < 0 ? -1 : 1;
  const excess = first * second > 0 ? Math.max(0, Math.abs(first + second) - PAIR_LIMIT) : 0;
  return sign * Math.min(LARGEST, Math.max(0, roundHalfToEven(Math.abs(first) - excess / 2)));
}

/** The level of the second, the first's being settled. */
export function secondOfPair(second: number, firstLevel: number): number {
  const rounded = Math.min(LARGEST, Math.max(-LARGEST, roundHalfToEven(second)));
  return rounded * firstLevel > 0 ? Math.sign(rounded) * Math.min(Math.abs(rounded), PAIR_LIMIT - Math.abs(firstLevel)) : rounded;
}

/** Lowers levels [M, K], in place, wherever a pair makes up more than the limit: least where it costs least. */
export function limitPairs(levels: Int8Array, weight: ArrayLike<number>, scales: ArrayLike<number>, pairs: WeightPairs): void {
  const depth = pairs.length;
  for (let channel = 0, from = 0; from < levels.length; channel++, from += depth) {
    for (let k = 0; k < depth; k++) {
      const other = pairs[k]!;
      if (other < k) continue;
      const a = levels[from + k]!;
      const b = levels[from + other]!;
      if (a * b <= 0 || Math.abs(a + b) <= PAIR_LIMIT) continue;
      const level = firstOfPair(weight[from + k]! / scales[channel]!, weight[from + other]! / scales[channel]!);
      const first = level === 0 ? Math.sign(a) : level;
      levels[from + k] = first;
      levels[from + other] = Math.sign(b) * (PAIR_LIMIT - Math.abs(first));
    }
  }
}
