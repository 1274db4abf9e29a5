import { onnxRuntime as runtime } from "@octet/inference/onnx-runtime";
import { describe, expect, it } from "vitest";
import { type Activation, applyActivation } from "./activation.ts";
import { adaround } from "./adaround.ts";
import { seededRandom } from "./random.ts";

/** A layer whose inputs go together, as real activations do, so that rounding errors add up or cancel. */
function layer(options: { groups: number; outputs: number; depth: number; rows: number; seed: number }) {
  const { groups, outputs, depth, rows, seed } = options;
  const random = seededRandom(seed);
  const weight = Float32Array.from({ length: groups * outputs * depth }, () => random() - 0.5);
  const inputRows = new Float32Array(groups * rows * depth);
  for (let g = 0; g < groups; g++) {
    for (let n = 0; n < rows; n++) {
      const common = random() * 2;
      for (let k = 0; k < depth; k++) inputRows[(g * rows + n) * depth + k] = common + random() * 0.5;
    }
  }
  const bias = Float32Array.from({ length: groups * outputs }, () => random() - 0.5);
  return { weight, inputRows, bias, targetRows: product(weight, inputRows, bias, options) };
}

type Sizes = { groups: number; outputs: number; depth: number; rows: number };

function product(
  weight: ArrayLike<number>,
  input: Float32Array,
  bias: Float32Array,
  { groups, outputs, depth, rows }: Sizes,
): Float32Array {
  const result = new Float32Array(groups * rows * outputs);
  for (let g = 0; g < groups; g++)
    for (let n = 0; n < rows; n++)
      for (let m = 0; m < outputs; m++) {
        let sum = bias[g * outputs + m]!;
        for (let k = 0; k < depth; k++) sum += weight[(g * outputs + m) * depth + k]! * input[(g * rows + n) * depth + k]!;
        result[(g * rows + n) * outputs + m] = sum;
      }
  return result;
}

const activations: Activation[] = [{ kind: "none" }, { kind: "relu" }, { kind: "leakyRelu", alpha: 0.1 }, { kind: "silu" }];

describe.each(activations)("adaround before $kind", (activation) => {
  it.each([
    { name: "a convolution", groups: 1, outputs: 4, depth: 18, rows: 800, seed: 3 },
    { name: "a depthwise convolution", groups: 5, outputs: 1, depth: 9, rows: 800, seed: 4 },
  ])("lowers the error of $name, judged by an independent product", async (sizes) => {
    const { weight, inputRows, bias, targetRows } = layer(sizes);
    const outChannels = sizes.groups * sizes.outputs;
    const scales = new Float32Array(outChannels).fill(0.5 / 7);
    const result = await adaround({
      weight,
      outChannels,
      groups: sizes.groups,
      scales,
      inputRows,
      targetRows,
      bias,
      activation,
      runtime,
      iterations: 300,
      batch: 128,
      qmin: -7,
      qmax: 7,
    });
    expect(result.kept).toBe(true);
    expect(result.after).toBeLessThan(result.before * 0.5);
    expect(result.changed).toBeGreaterThan(0);
    const errorOf = (levels: ArrayLike<number>) => {
      const values = Float32Array.from({ length: weight.length }, (_, i) => levels[i]! * scales[Math.floor(i / sizes.depth)]!);
      const output = applyActivation(product(values, inputRows, bias, sizes), activation);
      const target = applyActivation(Float32Array.from(targetRows), activation);
      return output.reduce((sum, value, i) => sum + (value - target[i]!) ** 2, 0) / sizes.rows;
    };
    const nearest = weight.map((value, i) => Math.round(value / scales[Math.floor(i / sizes.depth)]!));
    // The judges were a fifth of the same rows.
    expect(errorOf(nearest) / result.before).toBeCloseTo(1, 0);
    expect(errorOf(result.data)).toBeLessThan(errorOf(nearest) * 0.5);
    for (const [i, level] of result.data.entries()) expect(Math.abs(level - weight[i]! / scales[0]!)).toBeLessThan(1.00001);
  });
});

describe("adaround", () => {
  const sizes = { groups: 1, outputs: 1, depth: 8, rows: 400, seed: 9 };

  it("comes close to the best of all 256 roundings", async () => {
    const { weight, inputRows, bias, targetRows } = layer(sizes);
    const scale = Math.fround(0.5 / 7);
    const result = await adaround({
      weight,
      outChannels: 1,
      groups: 1,
      scales: [scale],
      inputRows,
      targetRows,
      bias,
      runtime,
      iterations: 400,
      batch: 128,
    });
    const errorOf = (levels: ArrayLike<number>) =>
      product(
        Float32Array.from(levels, (level) => level * scale),
        inputRows,
        bias,
        sizes,
      ).reduce((sum, value, i) => sum + (value - targetRows[i]!) ** 2, 0);
    let best = Number.POSITIVE_INFINITY;
    for (let code = 0; code < 256; code++)
      best = Math.min(best, errorOf(weight.map((value, i) => Math.floor(value / scale) + ((code >> i) & 1))));
    const nearest = errorOf(weight.map((value) => Math.round(value / scale)));
    expect(errorOf(result.data) - best).toBeLessThan((nearest - best) * 0.2);
  });

  it("gives the same for the same seed, and nearest rounding where there is nothing to gain", async () => {
    const { weight, inputRows, bias, targetRows } = layer(sizes);
    const run = (seed: number, weights: Float32Array, scale: number) =>
      adaround({
        weight: weights,
        outChannels: 1,
        groups: 1,
        scales: [scale],
        inputRows,
        targetRows,
        bias,
        runtime,
        iterations: 40,
        batch: 64,
        seed,
      });
    expect((await run(5, weight, 0.07)).data).toEqual((await run(5, weight, 0.07)).data);
    const exact = Float32Array.of(127, -127, 3, 0, 1, 2, -5, 64);
    const result = await adaround({
      weight: exact,
      outChannels: 1,
      groups: 1,
      scales: [1],
      inputRows,
      targetRows: product(exact, inputRows, bias, sizes),
      bias,
      runtime,
      iterations: 40,
    });
    expect(result).toMatchObject({ kept: false, changed: 0, data: Int8Array.from(exact) });
  });

  it("refuses sizes that do not fit", async () => {
    const input = {
      weight: new Float32Array(8),
      outChannels: 2,
      groups: 1,
      scales: [1, 1],
      inputRows: new Float32Array(7),
      targetRows: new Float32Array(4),
      runtime,
    };
    await expect(adaround(input)).rejects.toMatchObject({ code: "BAD_INPUT" });
  });
});
