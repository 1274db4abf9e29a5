import { expect, it } from "vitest";
import { SiteClock } from "./site-clock.ts";

it("corrects a wall clock that is off, and leaves one that is right, or of which nothing is known", () => {
  const clock = new SiteClock();
  expect(clock.correction(0, 5000)).toBe(0);
  // The answer took 40 ms: the gateway's clock showed this half-way.
  clock.told(1_000_000, 5000, 5040);
  expect(clock.correction(1_000_000 - 90_000, 5020)).toBe(90_000);
  expect(clock.correction(1_000_000 + 90_000, 5020)).toBe(-90_000);
  expect(clock.correction(1_000_000 + 980, 5020)).toBe(0);
  // Set right by NTP a minute later.
  expect(clock.correction(1_060_000 - 90_000, 65_020)).toBe(90_000);
  expect(clock.correction(1_060_000, 65_020)).toBe(0);
});
