import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstOfPair, limitPairs, PAIR_LIMIT, pairedStep, secondOfPair } from "./weight-pairs.ts";
import { quantizeWeights } from "./weights.ts";

const DEPTH = 7;
/** 0 with 3, 1 with 2, 4 with 6; 5 is alone. */
const pairs = Int32Array.of(3, 2, 1, 0, 6, -1, 4);
const channels = fc.array(
  fc.array(
    fc.integer({ min: -4000, max: 4000 }).map((thousandths) => thousandths / 1000),
    { minLength: DEPTH, maxLength: DEPTH },
  ),
  {
    minLength: 1,
    maxLength: 4,
  },
);
const tensor = (rows: number[][]) => ({
  name: "w",
  dataType: "float32" as const,
  dims: [rows.length, DEPTH],
  data: Float32Array.from(rows.flat()),
});

function mostOfPairs(levels: Int8Array): number {
  let most = 0;
  for (let from = 0; from < levels.length; from += DEPTH)
    for (const [k, other] of pairs.entries())
      if (other > k && levels[from + k]! * levels[from + other]! > 0)
        most = Math.max(most, Math.abs(levels[from + k]! + levels[from + other]!));
  return most;
}

describe("weights in pairs", () => {
  it("stay within what 16 bits hold, whatever they are, and are off by a step at most", () => {
    fc.assert(
      fc.property(channels, (rows) => {
        const { data, scales } = quantizeWeights(tensor(rows), { axis: 0, pairs });
        expect(mostOfPairs(data)).toBeLessThanOrEqual(PAIR_LIMIT);
        for (const [at, value] of rows.flat().entries()) {
          const step = scales[Math.floor(at / DEPTH)]!;
          expect(Math.abs(Math.fround(value) - data[at]! * step)).toBeLessThanOrEqual(step * (1 + 1e-5));
        }
      }),
    );
  });

  it("have steps no coarser than 7 bits', and no finer than 8 bits'", () => {
    fc.assert(
      fc.property(channels, (rows) => {
        const [seven, eight, both] = [{ bits: 7 as const }, {}, { pairs }].map(
          (more) => quantizeWeights(tensor(rows), { axis: 0, ...more }).scales,
        );
        for (const [at, step] of both!.entries()) {
          expect(step).toBeLessThanOrEqual(seven![at]! * (1 + 1e-6));
          expect(step).toBeGreaterThanOrEqual(eight![at]! * (1 - 1e-6));
        }
      }),
    );
  });

  it("have 8 bits' steps where large weights stand beside small ones or such of the other sign", () => {
    expect(pairedStep([127, 1, 0, -127, 3, 90, 125], 0, pairs)).toBe(1);
    expect(pairedStep([0, 96, 64, 0, 0, 127, 0], 0, pairs)).toBe(160 / 128);
  });

  it("give way alike where both are large", () => {
    expect(firstOfPair(100, 60)).toBe(84);
    expect(secondOfPair(60, 84)).toBe(44);
    expect(firstOfPair(-100, 60)).toBe(-100);
    expect(secondOfPair(60, -100)).toBe(60);
    expect(secondOfPair(-200, 100)).toBe(-127);
  });

  it("are lowered where they were rounded up together, by the one that it costs least", () => {
    const levels = Int8Array.of(65, 1, 1, 64, 0, 0, 0);
    limitPairs(levels, [64.9, 1, 1, 63.6, 0, 0, 0], [1], pairs);
    expect([...levels]).toEqual([65, 1, 1, 63, 0, 0, 0]);
  });
});
