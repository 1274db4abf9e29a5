import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asymmetricParams } from "../numeric/quant-params.ts";
import { fakeQuantize } from "../numeric/quantize.ts";
import fixture from "./fixtures/thresholds.json" with { type: "json" };
import { Histogram } from "./histogram.ts";
import { createObserver, MovingAverageObserver, rangeFromHistogram } from "./observers.ts";
import { calibrationMethods } from "./range-observer.ts";
import { entropyThreshold, mseRange, mseThreshold, percentileThreshold } from "./thresholds.ts";

/** The generator of the fixture: numbers that Python makes just the same. */
function* uniform(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

function batch([kind, seed, count, scale]: (string | number)[]): Float32Array {
  const random = uniform(seed as number);
  const next = () => random.next().value;
  const values = Float32Array.from({ length: count as number }, () => {
    if (kind === "uniform" || kind === "uniform10") return next();
    const t = next() + next() + next() - 1.5;
    const value = t * t * t * (scale as number);
    return kind === "relu" ? Math.max(value, 0) : value;
  });
  if (kind === "uniform10") values[Math.floor(values.length / 2)] = 10;
  return values;
}

function histogramOf(...batches: ArrayLike<number>[]): Histogram {
  const histogram = new Histogram();
  for (const values of batches) histogram.add(Float32Array.from(values));
  return histogram;
}

describe.each(fixture.cases)("thresholds of the reference tools: $name", (known) => {
  const histogram = histogramOf(...known.batches.map(batch));
  const absolute = histogram.absolute();

  it("the histogram", () => {
    expect(absolute.counts.length).toBe(known.bins);
    expect(absolute.width).toBeCloseTo(known.width, 10);
    expect(absolute.counts.reduce((sum, count) => sum + count, 0)).toBe(known.total);
  });

  it("entropy, with 128 and with 256 levels", () => {
    expect(entropyThreshold(absolute)).toBeCloseTo(known.entropy, 6);
    expect(entropyThreshold(absolute, { levels: 256 })).toBeCloseTo(known.entropy256, 6);
  });

  it("MSE", () => {
    expect(Math.abs(mseThreshold(absolute) - known.mse)).toBeLessThan(known.width * 1.01);
  });

  it("percentiles", () => {
    for (const [percentile, amplitude] of known.percentile) {
      expect(Math.abs(percentileThreshold(absolute, percentile) - amplitude!)).toBeLessThan(known.width * 0.01);
    }
  });

  it("ONNX Runtime's percentile, to within its bins", () => {
    const expected = known["onnxruntime99.9"];
    const symmetric = rangeFromHistogram(histogram, "percentile", { percentile: 99.9, symmetric: true });
    expect(Math.abs(symmetric.max - expected.symmetric[1]!)).toBeLessThan(known.width * 1.01);
    expect(Math.abs(symmetric.min - expected.symmetric[0]!)).toBeLessThan(known.width * 1.01);
    // There its bins are twice as wide.
    const asymmetric = rangeFromHistogram(histogram, "percentile", { percentile: 99.9 });
    expect(Math.abs(asymmetric.max - expected.asymmetric[1]!)).toBeLessThan(known.width * 2.01);
    expect(Math.abs(asymmetric.min - expected.asymmetric[0]!)).toBeLessThan(known.width * 2.01);
  });
});

/** Cases of NVIDIA's calibrator_test.py (TensorRT, tools/pytorch-quantization/tests). */
describe("pytorch-quantization's calibrator tests", () => {
  const ones = (value: number, outlier: number) => new Float32Array(11 * 7 * 3 * 3).fill(value).fill(outlier, 74, 75);
  const count = (length: number, step = 1) => Array.from({ length }, (_, at) => at * step);

  it("percentile of 0…99", () => {
    expect(Math.abs(percentileThreshold(histogramOf(count(100)).absolute(), 90) - 89)).toBeLessThan(100 / 1024);
    expect(Math.abs(percentileThreshold(histogramOf(count(100)).absolute(), 80) - 79)).toBeLessThan(100 / 2048);
    const two = histogramOf(count(100), count(100, 0.5));
    expect(Math.abs(percentileThreshold(two.absolute(), 99) - 97)).toBeLessThan(100 / 1024);
  });

  it("MSE prefers 255 to its outlier 256, and 512 to 513", () => {
    expect(Math.abs(mseThreshold(histogramOf(ones(255, 256)).absolute()) - 255)).toBeLessThan(0.5);
    expect(Math.abs(mseThreshold(histogramOf(ones(255, 256), ones(255, 255)).absolute()) - 255)).toBeLessThan(0.5);
    expect(Math.abs(mseThreshold(histogramOf(ones(512, 513)).absolute(), { levels: 256 }) - 512)).toBeLessThan(0.5);
  });

  it("MSE over a histogram that grew", () => {
    const grown = histogramOf([0, 255, 255, 255, 255, 255], [0, 255, 255, 255, 255, 256]);
    expect(Math.abs(mseThreshold(grown.absolute()) - 255)).toBeLessThan(0.5);
  });

  it("entropy leaves out one outlier of 10 beside uniform values", () => {
    const values = batch(["uniform10", 9, 693, 1]);
    expect(entropyThreshold(histogramOf(values).absolute())).toBeLessThan(1.1);
    expect(entropyThreshold(histogramOf(values, batch(["uniform", 10, 693, 1])).absolute())).toBeLessThan(1.1);
  });

  it("refuses percentiles outside of 0…100", () => {
    for (const percentile of [-10, 200, Number.NaN]) {
      expect(() => percentileThreshold(histogramOf([1]).absolute(), percentile)).toThrow(/is no percentile/);
    }
  });
});

describe("min-max and moving average", () => {
  it("min-max over batches", () => {
    const observer = createObserver("minmax");
    observer.observe(Float32Array.of(0.5, -1, 3));
    observer.observe(Float32Array.of(0.5, 7));
    expect(observer.range()).toEqual({ min: -1, max: 7 });
  });

  it("averages within a collect, then moves by 0.01 of the difference", () => {
    const observer = new MovingAverageObserver({ collectSize: 2 });
    observer.observe(Float32Array.of(-1, 2));
    observer.observe(Float32Array.of(-3, 4));
    expect(observer.range()).toEqual({ min: -2, max: 3 });
    observer.observe(Float32Array.of(-12, 13));
    observer.endCollect();
    expect(observer.range().min).toBeCloseTo(-2 - 0.1, 12);
    expect(observer.range().max).toBeCloseTo(3 + 0.1, 12);
    expect(observer.toJSON()).toMatchObject({ method: "ema", observed: { min: -12, max: 13 }, count: 6 });
  });
});

describe.each(calibrationMethods)("%s", (method) => {
  it("is empty before the first finite value", () => {
    const observer = createObserver(method);
    expect(() => observer.range()).toThrow(expect.objectContaining({ code: "CALIBRATION_EMPTY" }));
    observer.observe(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY));
    expect(() => observer.range()).toThrow(expect.objectContaining({ code: "CALIBRATION_EMPTY" }));
  });

  it("leaves NaN and infinity out, and counts them", () => {
    const observer = createObserver(method);
    observer.observe(Float32Array.of(1, Number.NaN, -2, Number.NEGATIVE_INFINITY, 0, 0, 0, 0, Number.NaN));
    const { observed, nonFinite, range } = observer.toJSON();
    expect([observed, nonFinite]).toEqual([{ min: -2, max: 1 }, 3]);
    expect(range.min).toBeGreaterThanOrEqual(-2);
    expect(range.max).toBeLessThanOrEqual(1);
  });

  it("takes constants, zeros and what follows them", () => {
    const observer = createObserver(method);
    observer.observe(new Float32Array(10));
    expect(observer.range()).toEqual({ min: 0, max: 0 });
    observer.observe(new Float32Array(10).fill(4));
    observer.observe(Float32Array.of(1e-30));
    expect(observer.range().max).toBeGreaterThan(0);
    expect(observer.range().max).toBeLessThanOrEqual(4);
  });

  it("is a range within the observed one, and survives JSON", () => {
    const values = fc.array(fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1, maxLength: 40 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(values, fc.boolean(), (batches, symmetric) => {
        const observer = createObserver(method, { symmetric });
        for (const one of batches) observer.observe(one);
        const report = JSON.parse(JSON.stringify(observer.toJSON()));
        expect(report.range.min).toBeGreaterThanOrEqual(report.observed.min);
        expect(report.range.max).toBeLessThanOrEqual(report.observed.max);
        expect(report.range.min).toBeLessThanOrEqual(report.range.max);
        expect(report.count).toBe(batches.reduce((sum, { length }) => sum + length, 0));
        if (report.histogram) expect(report.histogram.counts.reduce((sum: number, bin: number) => sum + bin, 0)).toBe(report.count);
      }),
    );
  });
});

describe("Histogram", () => {
  it("stays bounded where the first batch was next to nothing", () => {
    const histogram = histogramOf([1e-6, -1e-7], [1000, -1000, 3, 3, 3]);
    const { counts, width, start } = histogram.signed();
    expect(counts.length).toBeLessThanOrEqual(2 * 8 * 2048);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(7);
    expect(counts[Math.floor((3 - start) / width)]).toBe(3);
    expect(counts[0]).toBe(1);
    expect(counts.at(-1)).toBe(1);
  });

  it("counts a sample where a stride is given, with the extent of all", () => {
    const histogram = new Histogram({ stride: 3 });
    histogram.add(Float32Array.of(1, 9, 9, 2, 9, 9, 3), { min: 1, max: 9 });
    expect(histogram.absolute().counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(histogram.observed).toEqual({ min: 1, max: 9 });
  });

  it("puts each value where numpy does: the last bin holds its upper edge", () => {
    const { counts } = new (class extends Histogram {})({ bins: 4 }).signed();
    expect(Array.from(counts)).toEqual([0]);
    const four = new Histogram({ bins: 4 });
    four.add(Float32Array.of(0, 0.5, 1, 1.5, 2, 3.9, 4, -1.5, -4));
    expect(Array.from(four.absolute().counts)).toEqual([2, 3, 1, 3]);
    expect(Array.from(four.signed().counts)).toEqual([1, 0, 1, 0, 2, 2, 1, 2]);
  });
});

describe("mseRange", () => {
  const errorOf = (values: Float32Array, { min, max }: { min: number; max: number }) =>
    fakeQuantize(values, asymmetricParams(min, max)).reduce((sum, y, at) => sum + (y - values[at]!) ** 2, 0);

  it("is never worse than min-max, and clips a lone outlier on either side", () => {
    for (const kind of ["peaked", "relu"]) {
      const values = batch([kind, 21, 20000, 4]);
      const histogram = histogramOf(values);
      const range = mseRange(histogram.signed(), histogram.observed);
      expect(errorOf(values, range)).toBeLessThanOrEqual(errorOf(values, histogram.observed) * 1.001);
    }
    const values = Float32Array.from({ length: 400000 }, (_, at) => Math.sin(at));
    values[7] = 1.6;
    const histogram = histogramOf(values);
    const range = mseRange(histogram.signed(), histogram.observed);
    expect(range.max).toBeLessThan(1.2);
    expect(range.min).toBeLessThan(-0.99);
    expect(errorOf(values, range)).toBeLessThan(errorOf(values, histogram.observed) * 0.8);
  });
});
