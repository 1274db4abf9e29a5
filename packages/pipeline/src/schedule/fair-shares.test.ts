import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claim, fairShares } from "./fair-shares.ts";

const claim = (id: string, asked: number, more: Partial<Claim> = {}): Claim => ({
  id,
  asked,
  floor: 0.5,
  priority: 0,
  cost: 0.01,
  ...more,
});
const any = fc.array(
  fc.record({
    asked: fc.double({ min: 0.1, max: 30, noNaN: true }),
    floor: fc.double({ min: 0.05, max: 1, noNaN: true }),
    priority: fc.integer({ min: -1, max: 1 }),
    cost: fc.double({ min: 0.001, max: 0.1, noNaN: true }),
  }),
  { maxLength: 40 },
);
const named = (claims: Omit<Claim, "id">[]): Claim[] => claims.map((one, index) => ({ ...one, id: String(index) }));

describe("fairShares", () => {
  it("gives all what they ask for where it fits", () => {
    expect(fairShares([claim("a", 5), claim("b", 10)], 0.2)).toEqual(
      new Map([
        ["a", 5],
        ["b", 10],
      ]),
    );
  });

  it("lowers all to one level, but nobody to more than it asks for", () => {
    const shares = fairShares([claim("a", 1), claim("b", 10), claim("c", 20)], 0.11);
    expect(shares.get("a")).toBeCloseTo(1);
    expect(shares.get("b")).toBeCloseTo(5);
    expect(shares.get("c")).toBeCloseTo(5);
  });

  it("lowers those of a higher priority last, and keeps the floor of the others", () => {
    const shares = fairShares([claim("low", 5, { priority: -1 }), claim("high", 5, { priority: 1 }), claim("normal", 5)], 0.08);
    expect(shares.get("high")).toBeCloseTo(5);
    expect(shares.get("normal")).toBeCloseTo(2.5);
    expect(shares.get("low")).toBeCloseTo(0.5);
  });

  it("admits by priority and age where not even the floors fit", () => {
    const shares = fairShares([claim("a", 5), claim("b", 5), claim("c", 5, { priority: 1 })], 0.01);
    expect([shares.get("a"), shares.get("b"), shares.get("c")]).toEqual([0.5, 0, 0.5]);
  });

  it("never spends more than there is, and gives no more than is asked for", () => {
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 2, noNaN: true }), (claims, budget) => {
        const all = named(claims);
        const shares = fairShares(all, budget);
        expect(all.reduce((sum, { id, cost }) => sum + shares.get(id)! * cost, 0)).toBeLessThanOrEqual(budget + 1e-9);
        for (const { id, asked } of all) expect(shares.get(id)).toBeLessThanOrEqual(asked + 1e-9);
      }),
    );
  });

  it("leaves no budget while somebody of those admitted has less than asked", () => {
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 2, noNaN: true }), (claims, budget) => {
        const all = named(claims);
        const shares = fairShares(all, budget);
        const spent = all.reduce((sum, { id, cost }) => sum + shares.get(id)! * cost, 0);
        const short = all.filter(({ id, asked }) => shares.get(id)! > 0 && shares.get(id)! < asked - 1e-6);
        if (short.length > 0) expect(budget - spent).toBeLessThan(1e-3);
      }),
    );
  });

  it("gives nobody less than another of its priority, unless it asks for less", () => {
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 2, noNaN: true }), (claims, budget) => {
        // One floor for all: a higher one is a right to more.
        const all = named(claims).map((one) => ({ ...one, floor: 0.1 }));
        const shares = fairShares(all, budget);
        for (const a of all)
          for (const b of all)
            if (a.priority === b.priority && shares.get(a.id)! > 0 && shares.get(b.id)! > 0)
              expect(shares.get(a.id)).toBeGreaterThanOrEqual(Math.min(a.asked, shares.get(b.id)!) - 1e-6);
      }),
    );
  });
});
