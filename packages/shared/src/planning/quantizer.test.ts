import { describe, expect, it } from "vitest";
import { dequantizeValue, quantizationError, quantizerOf, quantizeValue } from "./quantizer.ts";

describe("the document's example", () => {
  const quantizer = quantizerOf(-8.5, 12.3, false);
  it("has the scale and zero point that it gives", () => {
    expect(quantizer.scale).toBeCloseTo(0.0816, 4);
    expect(quantizer.zeroPoint).toBe(104);
  });
  it("takes 5.7 to 174 and back to about 5.71", () => {
    expect(quantizeValue(quantizer, 5.7)).toBe(174);
    expect(dequantizeValue(quantizer, 174)).toBeCloseTo(5.71, 2);
  });
});

it("errs by half a step at most inside the range, and keeps 0", () => {
  for (const symmetric of [true, false]) {
    const quantizer = quantizerOf(-3, 5, symmetric);
    expect(dequantizeValue(quantizer, quantizeValue(quantizer, 0))).toBe(0);
    const values = Array.from({ length: 500 }, (_, at) => -3 + (8 * at) / 499);
    expect(quantizationError(quantizer, values).largest).toBeLessThanOrEqual(quantizer.scale / 2 + 1e-9);
  }
});

it("trades clipping against the size of the step", () => {
  const values = [...Array.from({ length: 999 }, (_, at) => Math.sin(at)), 40];
  const whole = quantizationError(quantizerOf(-1, 40, false), values);
  const tight = quantizationError(quantizerOf(-1, 1, false), values);
  expect(whole.clipped).toBe(0);
  expect(tight.clipped).toBeCloseTo(0.001, 6);
  expect(tight.largest).toBeGreaterThan(whole.largest);
});

it("survives a range without width", () => {
  expect(quantizeValue(quantizerOf(0, 0, false), 0)).toBe(0);
  expect(quantizeValue(quantizerOf(0, 0, true), 3)).toBe(3);
});
