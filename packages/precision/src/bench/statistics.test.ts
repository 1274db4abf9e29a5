import { describe, expect, it } from "vitest";
import { percentile, summarise } from "./statistics.ts";

describe("percentile", () => {
  it("is the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
    expect([0.5, 0.95, 0.99].map((share) => percentile([7], share))).toEqual([7, 7, 7]);
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
  });
});

describe("summarise", () => {
  it("compares within a round, so that a slow round changes no ratio", () => {
    const round = (first: number, second: number) => [
      { latencies: Float64Array.of(first, first), wallMs: 2 * first },
      { latencies: Float64Array.of(second, second, second, second), wallMs: 4 * second },
    ];
    // The host is four times slower in the second round; the third one is a fluke.
    const [first, second] = summarise([round(10, 5), round(40, 20), round(10, 10)], 4);
    expect(first).toMatchObject({ runs: 6, p50: 10, p99: 40, throughput: 400, ratio: 1, ratioRange: [1, 1] });
    expect(second).toMatchObject({ runs: 12, p50: 10, throughput: 400, ratio: 2, ratioRange: [1, 2] });
  });
});
