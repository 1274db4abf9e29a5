import type { Tensor } from "@octet/onnx/ir/tensor";
import { describe, expect, it } from "vitest";
import fixture from "./fixtures/onnxruntime-params.json" with { type: "json" };
import { quantizeBias, quantizeWeights } from "./weights.ts";

function weight(dims: number[], data: ArrayLike<number>): Tensor {
  return { name: "w", dataType: "float32", dims, data: Float32Array.from(data) };
}

describe("quantizeWeights", () => {
  const tensor = weight(fixture.weights.dims, fixture.weights.data);

  it("per channel as ONNX Runtime, an all-zero channel too", () => {
    const { data, scales, zeroPoints } = quantizeWeights(tensor, { axis: 0 });
    expect(Array.from(scales)).toEqual(fixture.weights.channels.map(({ scale }) => Math.fround(scale)));
    expect(Array.from(data)).toEqual(fixture.weights.channels.flatMap(({ q }) => q));
    expect(new Set(zeroPoints)).toEqual(new Set([0]));
  });

  it("per tensor as ONNX Runtime", () => {
    const { data, scales } = quantizeWeights(tensor, { axis: null });
    expect(Array.from(scales)).toEqual([Math.fround(fixture.weights.whole.scale)]);
    expect(Array.from(data)).toEqual(fixture.weights.whole.q);
  });

  it("along another axis, as of a transposed convolution", () => {
    const { data, scales } = quantizeWeights(weight([2, 3], [1, 20, -300, -2, 10, 150]), { axis: -1 });
    expect(Array.from(scales)).toEqual([2 / 127, 20 / 127, 300 / 127].map(Math.fround));
    expect(Array.from(data)).toEqual([64, 127, -127, -127, 64, 64]);
  });

  it("with given scales, saturating inside the narrow range", () => {
    expect(Array.from(quantizeWeights(weight([2, 1], [-3, 1]), { axis: 0, scales: [0.01, 0.5] }).data)).toEqual([-127, 2]);
  });

  it("asymmetric uses all 256 levels", () => {
    const { data, zeroPoints } = quantizeWeights(weight([1, 3], [0, 100, 255]), { axis: 0, symmetric: false });
    expect(Array.from(data)).toEqual([-128, -28, 127]);
    expect(zeroPoints[0]).toBe(-128);
  });

  it("names the tensor that holds NaN", () => {
    expect(() => quantizeWeights(weight([1, 1], [Number.NaN]), { axis: 0 })).toThrow(/"w" holds NaN/);
  });
});

describe("quantizeBias", () => {
  it.each(fixture.bias.map((row, at) => [at, row] as const))("as ONNX Runtime, case %s", (_, row) => {
    const { data, weightScales, adjusted } = quantizeBias(Float32Array.from(row.bias), row.inputScale, row.weightScales);
    expect(adjusted.length > 0).toBe(row.updated);
    for (const [channel, scale] of row.newScales.entries()) expect(weightScales[channel]! / scale).toBeCloseTo(1, 6);
    // One unit in the last place of a float32 scale moves a bias near 2³¹ by some hundreds.
    for (const [channel, q] of row.q.entries()) expect(Math.abs(data[channel]! - q)).toBeLessThanOrEqual(Math.abs(q) * 2 ** -22);
  });

  it("a raised scale holds the bias without saturating", () => {
    const { data, scales, adjusted } = quantizeBias(new Float32Array([5, 1e-3]), 0.05, [1e-9, 1e-3]);
    expect(adjusted).toEqual([0]);
    expect(data[0]! * scales[0]!).toBeCloseTo(5, 5);
    expect(data[0]!).toBeLessThan(2 ** 31 - 1);
  });

  it("leaves scales alone that are 0, and refuses what does not fit", () => {
    expect(quantizeBias(new Float32Array([0, 0]), 0.1, [0.1]).data).toEqual(new Int32Array(2));
    expect(() => quantizeBias(new Float32Array(3), 0.1, [1, 2])).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  });
});
