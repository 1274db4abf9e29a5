import { expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

it("doubles from one second to thirty", () => {
  const backoff = new Backoff({ random: () => 0.5 });
  expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

it("starts again after thirty good seconds, and not before", () => {
  const backoff = new Backoff({ random: () => 0.5 });
  backoff.next();
  backoff.next();
  expect(backoff.next(29_999)).toBe(4000);
  expect(backoff.next(30_000)).toBe(1000);
});

it("jitters by 20 % and never passes the longest delay", () => {
  expect(new Backoff({ random: () => 0 }).next()).toBe(800);
  expect(new Backoff({ random: () => 0.999_999 }).next()).toBe(1200);
  const backoff = new Backoff({ random: () => 0.999_999 });
  for (let i = 0; i < 40; i++) expect(backoff.next()).toBeLessThanOrEqual(30_000);
});

it("waits longest where a password was refused", () => {
  expect(new Backoff({ random: () => 0.5 }).next(0, true)).toBe(30_000);
});
