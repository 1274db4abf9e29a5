import { AppError } from "@octet/shared/errors";
import { asymmetricParams } from "../numeric/quant-params.ts";
import type { Range } from "./range-observer.ts";

/** Counts of |x| in bins of one width from 0 up. */
export interface AbsoluteHistogram {
  width: number;
  counts: ArrayLike<number>;
}

/** Counts of x in bins of one width from `start` up. */
export interface SignedHistogram extends AbsoluteHistogram {
  start: number;
}

export interface SearchOptions {
  /** Levels on one side of 0: 128 for int8 (default), 256 where all values are positive and uint8 is meant. */
  levels?: number;
  /** The first candidate: this many bins. Default 128. */
  startBin?: number;
  /** Looks at every stride-th candidate only. Default 1. */
  stride?: number;
}

/**
 * The first edge below which at least `percentile` % of |x| lie, counted by whole bins: the lower edge of the bin in
 * which the cumulative share reaches it (pytorch-quantization, ONNX Runtime). @throws AppError BAD_INPUT beyond 0…100
 */
export function percentileThreshold({ width, counts }: AbsoluteHistogram, percentile = 99.99): number {
  checkPercentile(percentile);
  return width * firstReaching(counts, percentile / 100);
}

/** As ONNX Runtime's asymmetric percentile: half of the rest is cut on either side. @throws AppError BAD_INPUT beyond 0…100 */
export function percentileRange({ start, width, counts }: SignedHistogram, percentile = 99.99): Range {
  checkPercentile(percentile);
  const cut = (100 - percentile) / 200;
  return { min: start + width * firstReaching(counts, cut), max: start + width * firstReaching(counts, 1 - cut) };
}

/**
 * The amplitude that loses the least information, by Kullback-Leibler divergence (S. Migacz, "8-bit inference with
 * TensorRT", GTC 2017, in the form of pytorch-quantization). The first bin is given its neighbour's count, since exact
 * zeros would drown the rest. For each number of bins from 128 up, these are mapped to the levels, each level's
 * count is spread evenly over its bins that are not empty, and the result is compared with the same bins, the tail
 * added to the last. Of equal divergences the last counts. Sums over levels come from running totals, so a candidate
 * costs as many steps as there are levels, not bins.
 */
export function entropyThreshold({ width, counts: given }: AbsoluteHistogram, options: SearchOptions = {}): number {
  const { levels = 128, startBin = 128, stride = 1 } = options;
  const counts = Float64Array.from(given);
  const bins = counts.length;
  if (bins <= startBin) return width * bins;
  counts[0] = counts[1]!;
  const total = new Float64Array(bins + 1);
  const filled = new Float64Array(bins + 1);
  const logs = new Float64Array(bins + 1);
  for (let k = 0; k < bins; k++) {
    const count = counts[k]!;
    total[k + 1] = total[k]! + count;
    filled[k + 1] = filled[k]! + (count > 0 ? 1 : 0);
    logs[k + 1] = logs[k]! + (count > 0 ? count * Math.log(count) : 0);
  }
  const all = total[bins]!;
  let best = Number.POSITIVE_INFINITY;
  let bestBins = bins;
  for (let i = startBin; i <= bins; i += stride) {
    const last = counts[i - 1]!;
    const tail = all - total[i]!;
    // An empty last bin that takes the tail has no counterpart: the divergence is infinite.
    if (last === 0 && tail > 0) continue;
    const lastWithTail = last + tail;
    // Σ p·log p, of the reference.
    let divergence = logs[i]! - (last > 0 ? last * Math.log(last) : 0) + (lastWithTail > 0 ? lastWithTail * Math.log(lastWithTail) : 0);
    for (let level = 0, from = 0; level < levels; level++) {
      const to = Math.ceil(((level + 1) * i) / levels);
      const count = total[to]! - total[from]!;
      if (count > 0) {
        // − Σ p·log q, q being the same for all filled bins of a level.
        const reference = count + (to === i ? tail : 0);
        divergence -= reference * Math.log(count / (filled[to]! - filled[from]!));
      }
      from = to;
    }
    // Both are normalised: the reference sums to all, the candidate to what lies inside.
    divergence = divergence / all - Math.log(all) + Math.log(total[i]!);
    if (divergence <= best) {
      best = divergence;
      bestBins = i;
    }
  }
  return width * bestBins;
}

/**
 * The amplitude with the smallest squared error, Σ count·(fakeQuantize(centre) − centre)², among the bins' centres from
 * the 128th on (pytorch-quantization). Of equal errors the first counts.
 */
export function mseThreshold({ width, counts }: AbsoluteHistogram, options: SearchOptions = {}): number {
  const { levels = 128, startBin = 128, stride = 1 } = options;
  const bins = counts.length;
  if (bins <= startBin) return width * bins;
  const moments = new Moments(0, width, counts);
  let best = Number.POSITIVE_INFINITY;
  let threshold = width * bins;
  for (let i = startBin; i < bins; i += stride) {
    const amplitude = (i + 0.5) * width;
    const error = moments.error(amplitude / (levels - 1), 0, levels - 1);
    if (error < best) {
      best = error;
      threshold = amplitude;
    }
  }
  return threshold;
}

/**
 * The range with the smallest squared error when quantised with a zero point to 256 levels. Both ends are searched:
 * first a grid of fractions of the observed range, then ever smaller steps around the best.
 */
export function mseRange({ start, width, counts }: SignedHistogram, observed: Range): Range {
  const low = Math.min(0, observed.min);
  const high = Math.max(0, observed.max);
  if (width === 0 || high - low === 0 || !Number.isFinite(Math.fround(high - low))) return { min: low, max: high };
  const moments = new Moments(start, width, counts);
  const errorOf = (min: number, max: number) => {
    const { scale, zeroPoint } = asymmetricParams(min, max);
    return moments.error(scale, -zeroPoint, 255 - zeroPoint);
  };
  let [a, b] = [1, 1];
  let best = errorOf(low, high);
  const search = (candidates: number[][]) => {
    let found = false;
    for (const [left, right] of candidates) {
      if (left! < 0 || left! > 1 || right! <= 0 || right! > 1) continue;
      const error = errorOf(low * left!, high * right!);
      if (!(error < best)) continue;
      [best, a, b, found] = [error, left!, right!, true];
    }
    return found;
  };
  const steps = Array.from({ length: 32 }, (_, at) => (at + 1) / 32);
  const lefts = low < 0 ? steps : [1];
  const rights = high > 0 ? steps : [1];
  search(lefts.flatMap((left) => rights.map((right) => [left, right])));
  for (let step = 1 / 64; step > 1 / 4096; step /= 2) {
    for (let round = 0; round < 4; round++) {
      const moved = search([-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) => [a + (low < 0 ? i * step : 0), b + (high > 0 ? j * step : 0)])));
      if (!moved) break;
    }
  }
  return { min: low * a, max: high * b };
}

/** Running sums of count, count·c and count·c² over the bins' centres c, so that a level's error takes three subtractions. */
class Moments {
  private readonly start: number;
  private readonly width: number;
  private readonly bins: number;
  private readonly sums: [Float64Array, Float64Array, Float64Array];

  constructor(start: number, width: number, counts: ArrayLike<number>) {
    this.start = start;
    this.width = width;
    this.bins = counts.length;
    const size = counts.length + 1;
    this.sums = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    const [zeroth, first, second] = this.sums;
    for (let k = 0; k < counts.length; k++) {
      const centre = start + (k + 0.5) * width;
      zeroth[k + 1] = zeroth[k]! + counts[k]!;
      first[k + 1] = first[k]! + counts[k]! * centre;
      second[k + 1] = second[k]! + counts[k]! * centre * centre;
    }
  }

  /** Σ count·(centre − scale·level)², each centre at its nearest level within low…high. */
  error(scale: number, low: number, high: number): number {
    const [zeroth, first, second] = this.sums;
    let sum = 0;
    let from = 0;
    for (let level = low; level <= high; level++) {
      const to = level === high ? this.bins : this.binsBelow((level + 0.5) * scale);
      if (to <= from) continue;
      const value = level * scale;
      sum += second[to]! - second[from]! - 2 * value * (first[to]! - first[from]!) + value * value * (zeroth[to]! - zeroth[from]!);
      from = to;
    }
    return sum;
  }

  /** How many bins have their centre at or below the value. */
  private binsBelow(value: number): number {
    const bins = Math.floor((value - this.start) / this.width + 0.5);
    return bins < 0 ? 0 : Math.min(bins, this.bins);
  }
}

function firstReaching(counts: ArrayLike<number>, share: number): number {
  let total = 0;
  for (let k = 0; k < counts.length; k++) total += counts[k]!;
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    sum += counts[k]! / total;
    if (sum >= share) return k;
  }
  return counts.length;
}

function checkPercentile(percentile: number): void {
  if (percentile >= 0 && percentile <= 100) return;
  throw new AppError("BAD_INPUT", `${percentile} is no percentile`, { hint: "Give a number in the range 0 … 100, such as 99.99." });
}
