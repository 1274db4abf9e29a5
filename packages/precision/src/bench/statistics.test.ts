import { describe, expect, it } from "vitest";
import { evenly, slope, summarise } from "./statistics.ts";

describe("evenly", () => {
  it("keeps both ends", () => {
    expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3]);
    expect(evenly([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });
});

describe("slope", () => {
  it("is that of the line, whatever is scattered evenly about it", () => {
    expect(slope([0, 1, 2, 3].map((x) => ({ x, y: 7 + 2 * x + (x === 1 || x === 2 ? 0.5 : -0.5) })))).toBeCloseTo(2, 9);
    expect(slope([{ x: 1, y: 5 }])).toBe(0);
    expect(slope([])).toBe(0);
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
