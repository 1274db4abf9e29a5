import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bfloat16Bits,
  bfloat16Value,
  float16Bits,
  float16Value,
  fromBfloat16,
  fromFloat16,
  roundToFloat16,
  toBfloat16,
  toFloat16,
} from "./float16.ts";

const everyCode = Uint16Array.from({ length: 65536 }, (_, code) => code);

describe("float16", () => {
  it("round-trips all 65,536 codes, NaN payloads too", () => {
    expect(Buffer.from(toFloat16(fromFloat16(everyCode)).buffer).equals(Buffer.from(everyCode.buffer))).toBe(true);
  });

  it("agrees with the definition for every finite code", () => {
    const values = fromFloat16(everyCode);
    for (let code = 0; code < 65536; code++) {
      const exponent = (code >> 10) & 31;
      const fraction = code & 1023;
      if (exponent === 31) continue;
      const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
      if (values[code] !== (code & 0x8000 ? -size : size)) expect.fail(`code ${code} is ${values[code]}`);
    }
  });

  it("rounds to nearest, ties to even, at every midpoint", () => {
    for (let code = 0; code < 0x7bff; code++) {
      const [low, high] = [float16Value(code), float16Value(code + 1)];
      const middle = (low + high) / 2;
      const even = code % 2 === 0 ? code : code + 1;
      const around = toFloat16(new Float32Array([middle, middle * (1 + 2 ** -23), middle * (1 - 2 ** -23), -middle]));
      if (around[0] !== even || around[1] !== code + 1 || around[2] !== code || around[3] !== (even | 0x8000)) {
        expect.fail(`around ${middle}: ${around}`);
      }
    }
  });

  it.each([
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [1e30, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [2 ** -25, 0],
    [2 ** -24, 1],
    [-0, 0x8000],
    [0.123456789, 0x2fe7],
  ])("%s has bits %s", (value, bits) => {
    expect(float16Bits(value)).toBe(bits);
  });

  it("NaN stays NaN, and the document's 0.123456789 becomes 0.1235", () => {
    expect(roundToFloat16(Number.NaN)).toBeNaN();
    expect(roundToFloat16(0.123456789).toFixed(4)).toBe("0.1235");
  });

  it("no other float16 lies nearer", () => {
    fc.assert(
      fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
        const bits = float16Bits(value);
        const error = Math.abs(float16Value(bits) - value);
        for (const other of [bits + 1, bits - 1]) {
          const neighbour = float16Value(other & 0xffff);
          if (Number.isFinite(neighbour)) expect(Math.abs(neighbour - value)).toBeGreaterThanOrEqual(error);
        }
      }),
    );
  });
});

describe("bfloat16", () => {
  it("round-trips all 65,536 codes", () => {
    expect(Buffer.from(toBfloat16(fromBfloat16(everyCode)).buffer).equals(Buffer.from(everyCode.buffer))).toBe(true);
  });

  it("rounds ties to even and overflows to infinity", () => {
    expect(bfloat16Bits(1)).toBe(0x3f80);
    expect(bfloat16Bits(1 + 2 ** -8)).toBe(0x3f80);
    expect(bfloat16Bits(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(bfloat16Value(bfloat16Bits(3.4e38))).toBe(Number.POSITIVE_INFINITY);
    expect(bfloat16Value(bfloat16Bits(Number.NaN))).toBeNaN();
  });
});
