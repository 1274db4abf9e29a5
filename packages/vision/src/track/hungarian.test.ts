import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { associate } from "./associate.ts";
import { assign } from "./hungarian.ts";

function cheapest(cost: number[][], row = 0, used = 0): number {
  if (row === cost.length) return 0;
  let best = Infinity;
  for (const [column, value] of cost[row]!.entries()) {
    if (!(used & (1 << column))) best = Math.min(best, value + cheapest(cost, row + 1, used | (1 << column)));
  }
  return best;
}

describe("assign", () => {
  it("finds the least sum of any small matrix", () => {
    const matrices = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 })).chain(([rows, more]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: rows + more, maxLength: rows + more }), {
        minLength: rows,
        maxLength: rows,
      }),
    );
    fc.assert(
      fc.property(matrices, (cost) => {
        const columnOf = assign(Float64Array.from(cost.flat()), cost.length, cost[0]!.length);
        expect(new Set(columnOf).size).toBe(cost.length);
        const sum = cost.reduce((total, row, index) => total + row[columnOf[index]!]!, 0);
        expect(sum).toBe(cheapest(cost));
      }),
      { seed: 1 },
    );
  });
});

describe("associate", () => {
  const of = (cost: (number | null)[][]) => [...associate(cost.length, cost[0]?.length ?? 0, (row, column) => cost[row]![column]!)];

  it("prefers one good pair to two bad ones, and leaves the impossible", () => {
    expect(
      of([
        [0.05, 0.9],
        [0.9, null],
      ]),
    ).toEqual([0, -1]);
    expect(
      of([
        [null, null],
        [null, 0.2],
      ]),
    ).toEqual([-1, 1]);
  });

  it("takes more rows than columns, and none at all", () => {
    expect(of([[0.5], [0.1], [0.3]])).toEqual([-1, 0, -1]);
    expect(of([])).toEqual([]);
    expect(of([[], []])).toEqual([-1, -1]);
  });
});
