import { type Extent, extentOf } from "./extent.ts";
import type { Range } from "./range-observer.ts";

export interface HistogramOptions {
  /** Bins from 0 to the first batch's largest magnitude. Default 2048. */
  bins?: number;
  /**
   * Counts every stride-th value (the extent stays exact). Default 1. Some 100,000 values an image place a 99.99 %
   * quantile to a few percent of its tail, so large tensors may be sampled; percentiles of rarer tails suffer first.
   */
  stride?: number;
}

/** How many times `bins` one side may grow to before neighbouring bins are merged, so that memory stays bounded. */
const growthLimit = 8;

/**
 * Counts by value, signed, with bins of one width on both sides of 0. The width is the first batch's largest magnitude
 * over `bins`; later, larger values extend it at the same width, as NVIDIA's pytorch-quantization does. Folded at 0
 * (`absolute`) it is the histogram of |x| that entropy, MSE and percentile work on. Where a side would pass 8 times
 * `bins` (a first batch that was next to nothing), pairs of bins are merged and the width doubles.
 */
export class Histogram {
  private readonly bins: number;
  private readonly stride: number;
  private widthNow = 0;
  private negative = new Float64Array(0);
  private positive = new Float64Array(0);
  private zerosBefore = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private nonFiniteCount = 0;

  constructor({ bins = 2048, stride = 1 }: HistogramOptions = {}) {
    this.bins = bins;
    this.stride = Math.max(1, Math.floor(stride));
  }

  add(values: Float32Array, known?: Range): void {
    const extent: Extent = known ? { ...known, nonFinite: 0 } : extentOf(values);
    this.nonFiniteCount += extent.nonFinite;
    if (!(extent.min <= extent.max)) return;
    this.min = Math.min(this.min, extent.min);
    this.max = Math.max(this.max, extent.max);
    this.makeRoom(extent);
    if (this.widthNow === 0) this.zerosBefore += Math.ceil(values.length / this.stride);
    else this.count(values, extent.nonFinite > 0);
  }

  /** Width of a bin; 0 as long as nothing but zeros was seen. */
  get width(): number {
    return this.widthNow;
  }

  get nonFinite(): number {
    return this.nonFiniteCount;
  }

  /** Smallest and largest value seen; min > max before the first. */
  get observed(): Range {
    return { min: this.min, max: this.max };
  }

  /** Counts from the lowest bin up, `start` being its lower edge (a multiple of the width, at most 0). */
  signed(): { start: number; width: number; counts: Float64Array } {
    const { negative, positive } = this;
    if (this.widthNow === 0) return { start: 0, width: 0, counts: Float64Array.of(this.zerosBefore) };
    const counts = new Float64Array(negative.length + positive.length);
    for (let k = 0; k < negative.length; k++) counts[negative.length - 1 - k] = negative[k]!;
    counts.set(positive, negative.length);
    return { start: -negative.length * this.widthNow, width: this.widthNow, counts };
  }

  /** Counts of |x|; bin k holds k·width to (k+1)·width, the last one its upper edge too. */
  absolute(): { width: number; counts: Float64Array } {
    const { negative, positive } = this;
    if (this.widthNow === 0) return { width: 0, counts: Float64Array.of(this.zerosBefore) };
    const counts = new Float64Array(Math.max(negative.length, positive.length));
    counts.set(positive);
    for (let k = 0; k < negative.length; k++) counts[k]! += negative[k]!;
    return { width: this.widthNow, counts };
  }

  private makeRoom({ min, max }: Range): void {
    const largest = Math.max(-min, max);
    if (this.widthNow === 0) {
      // Denormal widths have no inverse; such values count as zeros.
      if (largest / this.bins < 2 ** -1000) return;
      this.widthNow = largest / this.bins;
      this.positive = new Float64Array(1);
      this.positive[0] = this.zerosBefore;
      this.zerosBefore = 0;
    }
    while (largest / this.widthNow > this.bins * growthLimit) {
      this.negative = mergePairs(this.negative);
      this.positive = mergePairs(this.positive);
      this.widthNow *= 2;
    }
    this.negative = grown(this.negative, binsUpTo(-min, this.widthNow));
    this.positive = grown(this.positive, Math.max(1, binsUpTo(max, this.widthNow)));
  }

  private count(values: Float32Array, filter: boolean): void {
    const { stride, negative, positive } = this;
    const inverse = 1 / this.widthNow;
    const offset = negative.length;
    // One slot more at either end takes the values that lie on the outer edges.
    const slots = offset + positive.length + 2;
    const table = scratch(slots * 4);
    const shift = offset + 1;
    if (filter || stride > 1) {
      for (let i = 0; i < values.length; i += stride) {
        const value = values[i]!;
        // Infinity and NaN: their difference from themselves is NaN.
        if (value - value === 0) table[Math.max(0, Math.min((value * inverse + shift) | 0, slots - 1))]!++;
      }
    } else {
      countAll(values, table, inverse, shift, slots);
    }
    for (let slot = 0; slot < slots; slot++) {
      const count = table[slot]! + table[slots + slot]! + table[2 * slots + slot]! + table[3 * slots + slot]!;
      if (count === 0) continue;
      if (slot > offset) positive[Math.min(slot - shift, positive.length - 1)]! += count;
      else if (negative.length > 0) negative[Math.min(offset - slot, negative.length - 1)]! += count;
      else positive[0]! += count;
    }
  }
}

/** Four tables, used in turn: a run of equal values (zeros after ReLU) would otherwise wait for its own last increment. */
function countAll(values: Float32Array, table: Uint32Array, inverse: number, shift: number, slots: number): void {
  const whole = values.length - (values.length % 4);
  const shift1 = shift + slots;
  const shift2 = shift1 + slots;
  const shift3 = shift2 + slots;
  for (let i = 0; i < whole; i += 4) {
    const a = (values[i]! * inverse + shift) | 0;
    const b = (values[i + 1]! * inverse + shift1) | 0;
    const c = (values[i + 2]! * inverse + shift2) | 0;
    const d = (values[i + 3]! * inverse + shift3) | 0;
    table[a]!++;
    table[b]!++;
    table[c]!++;
    table[d]!++;
  }
  for (let i = whole; i < values.length; i++) table[(values[i]! * inverse + shift) | 0]!++;
}

let tables = new Uint32Array(0);

function scratch(size: number): Uint32Array {
  if (tables.length < size) tables = new Uint32Array(size);
  else tables.fill(0, 0, size);
  return tables;
}

function binsUpTo(value: number, width: number): number {
  if (value <= 0) return 0;
  const bins = value / width;
  // The division's own rounding must not add a bin for the value that the width was made from.
  const nearest = Math.round(bins);
  return Math.max(1, Math.abs(bins - nearest) < nearest * 2 ** -45 ? nearest : Math.ceil(bins));
}

function grown(counts: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (length <= counts.length) return counts;
  const larger = new Float64Array(length);
  larger.set(counts);
  return larger;
}

function mergePairs(counts: Float64Array): Float64Array<ArrayBuffer> {
  const merged = new Float64Array(Math.ceil(counts.length / 2));
  for (let k = 0; k < counts.length; k++) merged[k >> 1]! += counts[k]!;
  return merged;
}
