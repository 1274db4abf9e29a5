import { describe, expect, it } from "vitest";
import { mostStreams } from "./most-streams.ts";

async function search(capacity: number, options: { first: number; asked: number; limit: number }) {
  const tried: number[] = [];
  const held = await mostStreams(options, async (streams) => {
    tried.push(streams);
    return streams <= capacity;
  });
  return { held, tried };
}

describe("mostStreams", () => {
  it.each([0, 1, 2, 3, 7, 8, 19])("finds a capacity of %i from wherever it begins", async (capacity) => {
    for (const first of [0.3, 1, 5, 20, 1000]) {
      const { held, tried } = await search(capacity, { first, asked: 4, limit: 20 });
      expect(held).toBe(capacity);
      expect(new Set(tried).size).toBe(tried.length);
      expect(tried.length).toBeLessThan(12);
    }
  });

  it("stops at the limit, and answers for the number that was asked for itself", async () => {
    expect((await search(1000, { first: 50, asked: 70, limit: 140 })).held).toBe(140);
    for (const capacity of [69, 70, 71, 90]) {
      const { held, tried } = await search(capacity, { first: 16, asked: 70, limit: 140 });
      expect(held >= 70).toBe(capacity >= 70);
      expect(held).toBeGreaterThan(capacity * 0.95 - 1);
      expect(held).toBeLessThanOrEqual(capacity);
      expect(tried).toContain(70);
    }
  });
});
