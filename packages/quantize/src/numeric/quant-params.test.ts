import fc from "fast-check";
import { describe, expect, it } from "vitest";
import fixture from "./fixtures/onnxruntime-params.json" with { type: "json" };
import {
  asymmetricParams,
  referenceAsymmetric,
  referenceSymmetric,
  representableRange,
  roundingErrorBound,
  symmetricParams,
} from "./quant-params.ts";
import { dequantizeLinear, fakeQuantize, quantizeLinear } from "./quantize.ts";

type RangeRow = [min: number, max: number, dataType: "uint8" | "int8", symmetric: 0 | 1, bits: 7 | 8, scale: number, zeroPoint: number];

describe("the reference document's worked examples", () => {
  it("scale 0.0816 and zero point 104 for -8.5 … 12.3", () => {
    const { scale, zeroPoint } = referenceAsymmetric(-8.5, 12.3);
    expect(scale.toFixed(4)).toBe("0.0816");
    expect(zeroPoint).toBe(104);
    expect(asymmetricParams(-8.5, 12.3).zeroPoint).toBe(104);
    expect(asymmetricParams(-8.5, 12.3).scale).toBeCloseTo(scale, 7);
  });

  it("5.7 → 174 → 5.712", () => {
    const params = { scale: 0.0816, zeroPoint: 104, dataType: "uint8" as const };
    const q = quantizeLinear(new Float32Array([5.7]), params);
    expect(q).toEqual(new Uint8Array([174]));
    const [x] = dequantizeLinear(q, params);
    expect(x).toBeCloseTo(5.712, 6);
    expect(x! - 5.7).toBeCloseTo(0.012, 5);
  });

  it("step 0.0737 for -10.5 … 8.3, error at most half a step, 0.0369", () => {
    const params = referenceAsymmetric(-10.5, 8.3);
    expect(params.scale.toFixed(4)).toBe("0.0737");
    expect(roundingErrorBound(params).toFixed(4)).toBe("0.0369");
  });

  it("symmetric: max(|min|, |max|)/127, zero point 0", () => {
    expect(referenceSymmetric(-8.5, 12.3)).toMatchObject({ scale: Math.fround(12.3 / 127), zeroPoint: 0 });
    expect(symmetricParams(-2.1, 5.7).scale).toBeCloseTo((2 * 5.7) / 254, 8);
  });
});

it("gives ONNX Runtime's scales and zero points", () => {
  for (const row of fixture.ranges as unknown as RangeRow[]) {
    const [min, max, dataType, symmetric, bits, scale, zeroPoint] = row;
    const params = symmetric ? symmetricParams(min, max, { dataType, bits }) : asymmetricParams(min, max, { dataType, bits });
    expect([params.scale, params.zeroPoint], row.join(" ")).toEqual([Math.fround(scale), zeroPoint]);
  }
});

it("knows the levels of each form", () => {
  expect(symmetricParams(-1, 1)).toMatchObject({ qmin: -127, qmax: 127, zeroPoint: 0 });
  expect(symmetricParams(-1, 1, { narrow: false })).toMatchObject({ qmin: -128, qmax: 127, zeroPoint: 0 });
  expect(symmetricParams(-1, 1, { dataType: "uint8" })).toMatchObject({ qmin: 1, qmax: 255, zeroPoint: 128 });
  expect(symmetricParams(-1, 1, { dataType: "uint8", narrow: false })).toMatchObject({ qmin: 0, qmax: 255, zeroPoint: 128 });
  expect(symmetricParams(-1, 1, { bits: 7 })).toMatchObject({ qmin: -64, qmax: 64, zeroPoint: 0 });
});

it("refuses ranges that are none", () => {
  for (const [min, max] of [
    [1, 0],
    [Number.NaN, 1],
    [0, Number.POSITIVE_INFINITY],
    [-3e38, 3e38],
  ] as const) {
    expect(() => asymmetricParams(min, max)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  }
  expect(() => symmetricParams(2, 1)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
});

const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const range = fc.tuple(bound, bound).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) }));

describe("properties", () => {
  it("error of quantise and dequantise is at most half a step inside the range", () => {
    fc.assert(
      fc.property(range, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (span, at, symmetric) => {
        const params = symmetric ? symmetricParams(span.min, span.max) : asymmetricParams(span.min, span.max);
        const low = Math.min(span.min, 0);
        const x = new Float32Array([low + at * (Math.max(span.max, 0) - low)]);
        const [y] = dequantizeLinear(quantizeLinear(x, params), params);
        // The zero point's own rounding can leave the outermost values up to half a step beyond the last level.
        const beyond = Math.max(0, x[0]! - representableRange(params).max, representableRange(params).min - x[0]!);
        const float32Error = Math.abs(x[0]!) * 2 ** -22;
        expect(Math.abs(y! - x[0]!)).toBeLessThanOrEqual(Math.max(roundingErrorBound(params), beyond) + float32Error);
        expect(beyond).toBeLessThanOrEqual(roundingErrorBound(params) + float32Error);
        expect(fakeQuantize(x, params)[0]).toBe(y);
      }),
    );
  });

  it("zero is exact, and a wider range never has a smaller scale", () => {
    fc.assert(
      fc.property(range, fc.double({ min: 0, max: 1e6, noNaN: true }), ({ min, max }, more) => {
        for (const make of [symmetricParams, asymmetricParams]) {
          const params = make(min, max);
          expect(fakeQuantize(new Float32Array([0]), params)[0]).toBe(0);
          const wider = make(min - more, max + more);
          if (params.scale !== 1) expect(wider.scale).toBeGreaterThanOrEqual(params.scale);
          expect(params.zeroPoint).toBeGreaterThanOrEqual(params.qmin);
          expect(params.zeroPoint).toBeLessThanOrEqual(params.qmax);
        }
      }),
    );
  });

  it("uint8 around 128 and int8 around 0 give the same numbers", () => {
    fc.assert(
      fc.property(range, fc.float32Array({ noNaN: true }), ({ min, max }, x) => {
        const signed = symmetricParams(min, max, { narrow: false });
        const unsigned = symmetricParams(min, max, { narrow: false, dataType: "uint8" });
        expect(fakeQuantize(x, unsigned)).toEqual(fakeQuantize(x, signed));
      }),
    );
  });

  it("quantising keeps the order", () => {
    fc.assert(
      fc.property(range, fc.float32Array({ noNaN: true }), ({ min, max }, x) => {
        const q = quantizeLinear(x.sort(), asymmetricParams(min, max));
        for (let i = 1; i < q.length; i++) expect(q[i]!).toBeGreaterThanOrEqual(q[i - 1]!);
      }),
    );
  });
});
