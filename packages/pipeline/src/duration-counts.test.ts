import { percentile } from "@octet/shared/percentile";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DurationCounts } from "./duration-counts.ts";

const SHARES = [0.5, 0.95, 0.99];

describe("DurationCounts", () => {
  it("has percentiles within 1 % of the exact ones, of whatever was added and not taken out", () => {
    const duration = fc.double({ min: 0, max: 599_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 200 }), fc.array(duration, { maxLength: 200 }), (stay, go) => {
        const counts = new DurationCounts();
        const buckets = go.map((ms) => counts.add(ms));
        for (const ms of stay) counts.add(ms);
        for (const bucket of buckets) counts.remove(bucket);
        const sorted = stay.toSorted((a, b) => a - b);
        for (const [index, share] of SHARES.entries()) {
          const exact = percentile(sorted, share);
          const given = counts.percentiles(SHARES)[index]!;
          if (exact > 0.01) expect(Math.abs(given - exact) / exact).toBeLessThan(0.0101);
          else expect(given).toBe(0);
        }
      }),
    );
  });

  it("keeps what is longer than all bounds in the last bucket", () => {
    const counts = new DurationCounts();
    counts.add(Number.MAX_VALUE);
    expect(counts.percentiles([0.5])[0]).toBeGreaterThan(590_000);
  });
});
