import { describe, expect, it } from "vitest";
import { clippedTo, noiseShares } from "./distribution.ts";

describe("clippedTo", () => {
  it("moves what lies outside of the range to its ends, and loses nothing", () => {
    const histogram = { start: -4, width: 1, counts: [1, 2, 3, 4, 5, 6, 7, 8] };
    expect(clippedTo(histogram, { min: -2, max: 1.5 }).counts).toEqual([0, 0, 6, 4, 5, 21, 0, 0]);
  });

  it("leaves the counts alone where the range holds all of them", () => {
    const histogram = { start: 0, width: 0.5, counts: [3, 0, 1] };
    expect(clippedTo(histogram, { min: 0, max: 2 })).toEqual(histogram);
  });
});

describe("noiseShares", () => {
  it("weighs groups by their noise, ten times as much for ten decibels less", () => {
    const [loud, quiet] = noiseShares([{ sqnrDb: 20 }, { sqnrDb: 30 }]);
    expect(loud!.share / quiet!.share).toBeCloseTo(10);
    expect(loud!.share + quiet!.share).toBeCloseTo(1);
  });

  it("gives no share to what is exact", () => {
    expect(noiseShares([{ sqnrDb: 200 }])).toEqual([{ power: 0, share: 0 }]);
  });
});
