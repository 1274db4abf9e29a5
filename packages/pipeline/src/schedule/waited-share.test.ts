import { expect, it } from "vitest";
import { WaitedShare } from "./waited-share.ts";

const frame = { budgetMs: 200, intervalMs: 200 };

it("is the mean share of what each frame could have waited, since it was taken last", () => {
  const share = new WaitedShare();
  expect(share.take()).toBeNull();
  share.add({ ...frame, waitMs: 0, totalMs: 20 });
  share.add({ ...frame, waitMs: 90, totalMs: 110 });
  expect(share.take()).toBeCloseTo(0.25);
  expect(share.take()).toBeNull();
});

it("counts a late frame as one that waited for as long as it could, and leaves out what never could be in time", () => {
  const share = new WaitedShare();
  share.add({ ...frame, waitMs: 300, totalMs: 320 });
  share.add({ ...frame, waitMs: 10, totalMs: 500 });
  expect(share.take()).toBe(1);
});

it("counts what a frame could wait before its camera's next one replaces it, though that is less bad", () => {
  const share = new WaitedShare();
  share.add({ waitMs: 20, totalMs: 30, budgetMs: 200, intervalMs: 40 });
  expect(share.take()).toBeCloseTo(20 / 80);
});
