import { expect, it } from "vitest";
import { ArrivalJitter } from "./arrival-jitter.ts";

it("is nought for a steady stream, follows an uneven one, and takes no pause for jitter", () => {
  const steady = new ArrivalJitter();
  for (let i = 0; i < 100; i++) steady.add(1_000_000 + i * 200, i * 200);
  expect(steady.ms).toBe(0);
  const uneven = new ArrivalJitter();
  // Every other frame comes 10 ms late: each distance is off by 10 ms.
  for (let i = 0; i < 200; i++) uneven.add(1_000_000 + i * 200 + (i % 2) * 10, i * 200);
  expect(uneven.ms).toBeCloseTo(10, 3);
  uneven.add(1_000_000 + 3_600_000, 200 * 200);
  expect(uneven.ms).toBeCloseTo(10, 3);
});

it("goes on after a stream that began anew, and leaves out frames that come in another order", () => {
  const jitter = new ArrivalJitter();
  jitter.add(1000, 60_000);
  jitter.add(1190, 59_800);
  expect(jitter.ms).toBe(0);
  jitter.add(5000, 0);
  jitter.add(5216, 200);
  expect(jitter.ms).toBe(1);
});
