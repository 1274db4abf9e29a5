import { describe, expect, it } from "vitest";
import { roundHalfToEven } from "./rounding.ts";

describe("roundHalfToEven", () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [0.49999999999999994, 0],
    [2 ** 51 + 0.5, 2 ** 51],
    [2 ** 51 + 1.5, 2 ** 51 + 2],
    [-(2 ** 51) - 1.5, -(2 ** 51) - 2],
    [2 ** 60, 2 ** 60],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ])("%s → %s", (value, expected) => {
    expect(roundHalfToEven(value) + 0).toBe(expected);
  });
});
