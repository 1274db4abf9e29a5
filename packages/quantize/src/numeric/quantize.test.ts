import { describe, expect, it } from "vitest";
import { errorStatistics } from "./error-statistics.ts";
import { dequantizeLinearPerAxis, fakeQuantizePerAxis, quantizeLinear, quantizeLinearPerAxis } from "./quantize.ts";

describe("quantizeLinear", () => {
  it("saturates, at infinity too, and maps NaN to the lowest level", () => {
    const q = quantizeLinear(new Float32Array([1e9, -1e9, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]), {
      scale: 0.1,
      zeroPoint: 3,
      dataType: "uint8",
    });
    expect(q).toEqual(new Uint8Array([255, 0, 255, 0, 0]));
  });

  it("divides in float32: 0.3 / 0.1 lies on a tie only there", () => {
    expect(quantizeLinear(new Float32Array([2.5 * Math.fround(0.1)]), { scale: 0.1, zeroPoint: 0, dataType: "int8" })).toEqual(
      new Int8Array([2]),
    );
  });

  it("quantises along a middle axis", () => {
    const x = new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const params = { dims: [2, 2, 2], axis: 1, scales: [1, 2], zeroPoints: [0, 1], dataType: "int8" as const };
    const q = quantizeLinearPerAxis(x, params);
    expect(Array.from(q)).toEqual([1, 2, 3, 3, 5, 6, 5, 5]);
    expect(Array.from(dequantizeLinearPerAxis(q, params))).toEqual([1, 2, 4, 4, 5, 6, 8, 8]);
    expect(fakeQuantizePerAxis(x, params)).toEqual(new Float32Array([1, 2, 4, 4, 5, 6, 8, 8]));
  });

  it("refuses scales that do not fit the axis", () => {
    expect(() => quantizeLinearPerAxis(new Float32Array(4), { dims: [2, 2], axis: 0, scales: [1], dataType: "int8" })).toThrow(/axis 0/);
  });
});

describe("errorStatistics", () => {
  it("counts by hand", () => {
    const { mse, sqnrDb, cosine, maxError, count } = errorStatistics([3, 4], [3, 4.5]);
    expect(count).toBe(2);
    expect(mse).toBeCloseTo(0.125, 12);
    expect(sqnrDb).toBeCloseTo(20 * Math.log10(5 / 0.5), 12);
    expect(cosine).toBeCloseTo((9 + 18) / (5 * Math.hypot(3, 4.5)), 12);
    expect(maxError).toBe(0.5);
  });

  it("is infinite where both are equal, and refuses other lengths", () => {
    expect(errorStatistics([1], [1]).sqnrDb).toBe(Number.POSITIVE_INFINITY);
    expect(() => errorStatistics([1], [1, 2])).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  });
});
