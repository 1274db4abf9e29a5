import { expect, it } from "vitest";
import { warmUpSizes } from "./warm-up.ts";

it("spans the range of shapes first, then fills it", () => {
  expect(warmUpSizes(1)).toEqual([1]);
  expect(warmUpSizes(0)).toEqual([1]);
  expect(warmUpSizes(2)).toEqual([2, 1]);
  expect(warmUpSizes(8)).toEqual([8, 1, 2, 4]);
  expect(warmUpSizes(12)).toEqual([12, 1, 2, 4, 8]);
});
