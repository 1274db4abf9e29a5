import { expect, it } from "vitest";
import { percentile } from "./percentile.ts";

it("is the nearest rank", () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
  expect([0.5, 0.95, 0.99].map((share) => percentile([7], share))).toEqual([7, 7, 7]);
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(percentile([], 0.5)).toBe(0);
});
