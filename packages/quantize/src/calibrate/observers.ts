import { extentOf } from "./extent.ts";
import { Histogram, type HistogramOptions } from "./histogram.ts";
import { type CalibrationMethod, emptyCalibration, type ObserverReport, type Range, type RangeObserver } from "./range-observer.ts";
import { entropyThreshold, mseRange, mseThreshold, percentileRange, percentileThreshold } from "./thresholds.ts";

export interface ObserverOptions extends HistogramOptions {
  /** Ranges −a…a, cut to what was observed, for quantisation with the zero point in the middle. Default false. */
  symmetric?: boolean;
  /** Percent of the values that stay inside. Default 99.99 (NVIDIA); ONNX Runtime takes 99.999. */
  percentile?: number;
  /** Weight of a new collect in the moving average. Default 0.01. */
  momentum?: number;
  /** Images that make up one collect of the moving average. Default: all, so that it is their mean. */
  collectSize?: number;
}

/** An observer of one tensor. */
export function createObserver(method: CalibrationMethod, options: ObserverOptions = {}): RangeObserver {
  if (method === "minmax") return new MinMaxObserver();
  if (method === "ema") return new MovingAverageObserver(options);
  return new HistogramObserver(method, options);
}

/** The smallest and the largest value seen. */
export class MinMaxObserver implements RangeObserver {
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private count = 0;
  private nonFinite = 0;

  observe(values: Float32Array, extent?: Range): void {
    const { min, max, nonFinite } = extent ? { ...extent, nonFinite: 0 } : extentOf(values);
    this.count += values.length;
    this.nonFinite += nonFinite;
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
  }

  range(): Range {
    const { min, max } = this;
    if (!(min <= max)) throw emptyCalibration();
    return { min, max };
  }

  toJSON(): ObserverReport {
    const range = this.range();
    return { method: "minmax", range, observed: range, count: this.count, nonFinite: this.nonFinite, clippedShare: null, histogram: null };
  }
}

/**
 * Moving average of each image's smallest and largest value, as ONNX Runtime's: their mean within one collect; then
 * each further collect moves the range by `momentum` times the difference.
 */
export class MovingAverageObserver implements RangeObserver {
  private readonly momentum: number;
  private readonly collectSize: number;
  private readonly whole = new MinMaxObserver();
  private average: Range | null = null;
  private sum = { min: 0, max: 0, images: 0 };

  constructor({ momentum = 0.01, collectSize = Number.POSITIVE_INFINITY }: Pick<ObserverOptions, "momentum" | "collectSize"> = {}) {
    this.momentum = momentum;
    this.collectSize = collectSize;
  }

  observe(values: Float32Array, extent?: Range): void {
    const { min, max } = extent ?? extentOf(values);
    this.whole.observe(values, extent);
    if (!(min <= max)) return;
    this.sum.min += min;
    this.sum.max += max;
    this.sum.images++;
    if (this.sum.images >= this.collectSize) this.endCollect();
  }

  /** Ends a collect before its size is reached. */
  endCollect(): void {
    this.average = this.moved();
    this.sum = { min: 0, max: 0, images: 0 };
  }

  range(): Range {
    const range = this.moved();
    if (!range) throw emptyCalibration();
    return range;
  }

  toJSON(): ObserverReport {
    return { ...this.whole.toJSON(), method: "ema", range: this.range() };
  }

  private moved(): Range | null {
    const { average, momentum } = this;
    const { min, max, images } = this.sum;
    if (images === 0) return average;
    const mean = { min: min / images, max: max / images };
    if (!average) return mean;
    return { min: average.min + momentum * (mean.min - average.min), max: average.max + momentum * (mean.max - average.max) };
  }
}

/** Percentile, entropy and MSE: all from one signed histogram. */
export class HistogramObserver implements RangeObserver {
  readonly histogram: Histogram;
  private readonly method: Exclude<CalibrationMethod, "minmax" | "ema">;
  private readonly options: ObserverOptions;
  private known: { range: Range } | null = null;

  constructor(method: Exclude<CalibrationMethod, "minmax" | "ema">, options: ObserverOptions = {}) {
    this.method = method;
    this.options = options;
    this.histogram = new Histogram(options);
  }

  observe(values: Float32Array, extent?: Range): void {
    this.histogram.add(values, extent);
    this.known = null;
  }

  range(): Range {
    this.known ??= { range: rangeFromHistogram(this.histogram, this.method, this.options) };
    return this.known.range;
  }

  toJSON(): ObserverReport {
    const { histogram } = this;
    const range = this.range();
    const signed = histogram.signed();
    const count = signed.counts.reduce((sum, bin) => sum + bin, 0);
    return {
      method: this.method,
      range,
      observed: histogram.observed,
      count,
      nonFinite: histogram.nonFinite,
      clippedShare: clippedShare(signed, range),
      histogram: coarse(signed, 256),
    };
  }
}

/**
 * What a method makes of a histogram: one that was collected once serves them all. The range never passes what was
 * observed, and is that where the method would leave nothing (a tensor that is almost all zeros).
 * @throws AppError CALIBRATION_EMPTY
 */
export function rangeFromHistogram(histogram: Histogram, method: Exclude<CalibrationMethod, "ema">, options: ObserverOptions = {}): Range {
  const { observed } = histogram;
  if (!(observed.min <= observed.max)) throw emptyCalibration();
  if (method === "minmax" || histogram.width === 0) return observed;
  const range = chosenRange(histogram, method, options);
  const cut = { min: Math.max(range.min, observed.min), max: Math.min(range.max, observed.max) };
  return cut.min < cut.max ? cut : observed;
}

function chosenRange(
  histogram: Histogram,
  method: "percentile" | "entropy" | "mse",
  { symmetric = false, percentile }: ObserverOptions,
): Range {
  if (!symmetric && method === "percentile") return percentileRange(histogram.signed(), percentile);
  if (!symmetric && method === "mse") return mseRange(histogram.signed(), histogram.observed);
  const absolute = histogram.absolute();
  const amplitude =
    method === "percentile"
      ? percentileThreshold(absolute, percentile)
      : method === "mse"
        ? mseThreshold(absolute)
        : entropyThreshold(absolute);
  return { min: -amplitude, max: amplitude };
}

interface Bins {
  start: number;
  width: number;
  counts: Float64Array;
}

/** Share of the counts whose bin's centre lies outside of the range. */
export function clippedShare({ start, width, counts }: Bins, { min, max }: Range): number {
  let outside = 0;
  let total = 0;
  for (let k = 0; k < counts.length; k++) {
    const centre = start + (k + 0.5) * width;
    total += counts[k]!;
    if (centre < min || centre > max) outside += counts[k]!;
  }
  return total === 0 ? 0 : outside / total;
}

/** The same counts in at most `limit` bins, each of a whole number of the old ones. */
function coarse({ start, width, counts }: Bins, limit: number): { start: number; width: number; counts: number[] } {
  const factor = Math.max(1, Math.ceil(counts.length / limit));
  const merged = new Array<number>(Math.ceil(counts.length / factor)).fill(0);
  for (let k = 0; k < counts.length; k++) merged[Math.floor(k / factor)]! += counts[k]!;
  return { start, width: width * factor, counts: merged };
}
