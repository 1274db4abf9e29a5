import { describe, expect, it } from "vitest";
import { CostMean } from "./cost-mean.ts";

const after = (readings: readonly number[], mean = new CostMean()): CostMean => {
  for (const reading of readings) mean.observe(reading);
  return mean;
};

describe("CostMean", () => {
  it("is the mean of the first readings, so that none of them rules", () => {
    expect(new CostMean().value).toBe(0);
    expect(after([4, 2, 3]).value).toBeCloseTo(3);
  });

  it("follows a change, and hardly a single reading", () => {
    const steady = Array<number>(30).fill(2);
    expect(after([...steady, 4]).value).toBeCloseTo(2.2);
    expect(after([...steady, ...Array<number>(30).fill(3)]).value).toBeCloseTo(3, 1);
  });

  it("forgets what was measured before a restart, but has no gap", () => {
    const mean = after([3, 3.2, 3.4]);
    mean.restart();
    expect(mean.value).toBeCloseTo(3.2);
    expect(after([2, 2.2], mean).value).toBeCloseTo(2.1);
  });
});
