import { expect, it } from "vitest";
import { buildOptionsSchema } from "./profile.ts";

it("takes a latency budget where INT8 is measured against float, and nowhere else", () => {
  const takes = (more: object): boolean => buildOptionsSchema.safeParse({ precision: "int8-ptq", maxLatencyMs: 5, ...more }).success;
  expect(takes({})).toBe(true);
  expect(takes({ maxLatencyMs: 0 })).toBe(false);
  for (const without of [{ precision: "fp16" }, { target: "tensorrt" }, { hostLatency: false }, { mixedPrecision: "off" }]) {
    expect(takes(without)).toBe(false);
    expect(takes({ ...without, maxLatencyMs: null })).toBe(true);
  }
});
