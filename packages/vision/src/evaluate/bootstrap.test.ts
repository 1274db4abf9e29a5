import { describe, expect, it } from "vitest";
import { bootstrapDifference } from "./bootstrap.ts";
import type { ResamplableAp } from "./resamplable.ts";

/** A mean per image, whose standard error is known. */
const meanOf = (values: readonly number[]): ResamplableAp => ({
  images: values.length,
  ap(weights) {
    const count = (i: number) => (weights ? weights[i]! : 1);
    const total = values.reduce((sum, _, i) => sum + count(i), 0);
    return total === 0 ? null : values.reduce((sum, value, i) => sum + value * count(i), 0) / total;
  },
});
const values = Array.from({ length: 400 }, (_, i) => ((i * 37) % 101) / 100);

describe("bootstrapDifference", () => {
  it("is paired: a constant shift has no spread", () => {
    const result = bootstrapDifference(meanOf(values), meanOf(values.map((value) => value - 0.01)), { iterations: 200, seed: 3 });
    expect(result.difference).toBeCloseTo(-0.01, 9);
    expect(result.high - result.low).toBeLessThan(1e-9);
  });

  it("comes near the known standard error and interval of a mean", () => {
    const other = values.map((value, i) => value + (i % 2 === 0 ? 0.1 : -0.06));
    const result = bootstrapDifference(meanOf(values), meanOf(other), { iterations: 2000, seed: 11 });
    // The difference is 0.1 or −0.06, evenly: mean 0.02, deviation 0.08, over 400 images 0.004.
    expect(result.difference).toBeCloseTo(0.02, 9);
    expect(Math.abs(result.standardError - 0.004)).toBeLessThan(0.0003);
    expect(Math.abs(result.low - (0.02 - 1.96 * 0.004))).toBeLessThan(0.0008);
    expect(Math.abs(result.high - (0.02 + 1.96 * 0.004))).toBeLessThan(0.0008);
  });

  it("repeats itself by its seed", () => {
    const run = (seed: number) => bootstrapDifference(meanOf(values), meanOf([...values].reverse()), { iterations: 50, seed });
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });

  it("refuses results of different images", () => {
    expect(() => bootstrapDifference(meanOf([1]), meanOf([1, 2]))).toThrow("1 and 2 images");
  });
});
