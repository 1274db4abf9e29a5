import { describe, expect, it } from "vitest";
import { PAIR_LIMIT, pairedStep } from "../numeric/weight-pairs.ts";
import { type FeedbackInput, type FeedbackResult, roundWithFeedback } from "./error-feedback.ts";
import { seededRandom } from "./random.ts";

interface Shape {
  depth: number;
  outputs: number;
  rows: number;
}

/** Inputs that a few hidden causes make, around a mean that is not 0, as activations are. */
function correlated({ depth, rows }: Pick<Shape, "depth" | "rows">, seed: number): Float32Array {
  const mixing = seededRandom(99);
  const causes = 4;
  const mix = Float32Array.from({ length: depth * causes }, () => mixing() - 0.5);
  const random = seededRandom(seed);
  const values = new Float32Array(rows * depth);
  for (let n = 0; n < rows; n++) {
    const hidden = Array.from({ length: causes }, () => 4 * random());
    for (let k = 0; k < depth; k++)
      values[n * depth + k] = hidden.reduce((sum, cause, c) => sum + cause * mix[k * causes + c]!, 0.5) + 0.05 * (random() - 0.5);
  }
  return values;
}

/** What float weights make of the rows: W·x + b, [N, M]. */
function localTargets({ weight, bias, inputRows }: Pick<FeedbackInput, "weight" | "bias" | "inputRows">): Float32Array {
  const outputs = bias.length;
  const depth = weight.length / outputs;
  return Float32Array.from({ length: (inputRows.length / depth) * outputs }, (_, at) => {
    const [n, m] = [Math.floor(at / outputs), at % outputs];
    let sum = bias[m]!;
    for (let k = 0; k < depth; k++) sum += weight[m * depth + k]! * inputRows[n * depth + k]!;
    return sum;
  });
}

type Layer = FeedbackInput & { targetRows: Float32Array; levels: { qmin: number; qmax: number } };

/** A layer of 4-bit weights with local targets. */
function layer({ depth, outputs, rows }: Shape): Layer {
  const random = seededRandom(5);
  const weight = Float32Array.from({ length: outputs * depth }, () => random() - 0.5);
  const bias = Float32Array.from({ length: outputs }, () => random() - 0.5);
  const scales = Float32Array.from({ length: outputs }, (_, m) => {
    const channel = weight.subarray(m * depth, (m + 1) * depth);
    return channel.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 7;
  });
  const inputRows = correlated({ depth, rows }, 1);
  return {
    weight,
    bias,
    scales,
    inputRows,
    targetRows: localTargets({ weight, bias, inputRows }),
    levels: { qmin: -7, qmax: 7 },
    refit: false,
  };
}

/** Mean squared error of found weights on rows that nothing was chosen by. */
function freshError(input: FeedbackInput, found: Pick<FeedbackResult, "weight" | "bias">): number {
  const depth = input.weight.length / input.bias.length;
  const inputRows = correlated({ depth, rows: 200 }, 77);
  const expected = localTargets({ ...input, inputRows });
  const actual = localTargets({ ...found, inputRows });
  return expected.reduce((sum, value, at) => sum + (value - actual[at]!) ** 2, 0) / expected.length;
}

/** Nearest rounding with the float bias: what the layer starts from. */
function nearest({ weight, scales, bias }: FeedbackInput): Pick<FeedbackResult, "weight" | "bias"> {
  const depth = weight.length / bias.length;
  return { bias, weight: weight.map((value, at) => Math.round(value / scales[Math.floor(at / depth)]!) * scales[Math.floor(at / depth)]!) };
}

function expectConsistent({ levels, weight, scales }: FeedbackResult, { qmin, qmax }: { qmin: number; qmax: number }): void {
  const depth = weight.length / scales.length;
  expect(Math.min(...levels!)).toBeGreaterThanOrEqual(qmin);
  expect(Math.max(...levels!)).toBeLessThanOrEqual(qmax);
  expect(weight).toEqual(Float32Array.from(levels!, (level, at) => level * scales[Math.floor(at / depth)]!));
}

describe("roundWithFeedback", () => {
  it.each<[string, Shape]>([
    ["one block", { depth: 24, outputs: 4, rows: 400 }],
    ["more than one block", { depth: 300, outputs: 2, rows: 500 }],
  ])("leaves far less error on correlated inputs than nearest rounding, %s", (_, shape) => {
    const input = layer(shape);
    const found = roundWithFeedback(input);
    expect(found.kept).toBe(true);
    expectConsistent(found, input.levels);
    expect(found.after).toBeLessThan(found.before / 10);
    expect(freshError(input, found)).toBeLessThan(freshError(input, nearest(input)) / 10);
    expect(roundWithFeedback(input)).toEqual(found);
  });

  it("gives the same where the local targets are left to it", () => {
    const input = layer({ depth: 24, outputs: 4, rows: 400 });
    const given = roundWithFeedback(input);
    const left = roundWithFeedback({ ...input, targetRows: null });
    expect(left.levels).toEqual(given.levels);
    expect(left.before / given.before).toBeCloseTo(1, 4);
    expect(left.after / given.after).toBeCloseTo(1, 3);
    for (const [m, bias] of left.bias.entries()) expect(bias).toBeCloseTo(given.bias[m]!, 5);
  });

  it("lets the bias take the mean", () => {
    const input = layer({ depth: 24, outputs: 4, rows: 400 });
    const found = roundWithFeedback(input);
    const learnt = 300;
    const made = localTargets({ ...found, inputRows: input.inputRows });
    for (let m = 0; m < 4; m++) {
      let difference = 0;
      for (let n = 0; n < learnt; n++) difference += (made[n * 4 + m]! - input.targetRows[n * 4 + m]!) / learnt;
      expect(Math.abs(difference)).toBeLessThan(1e-5);
    }
  });

  it("fits float weights to inputs that differ from those that made the targets", () => {
    const input = layer({ depth: 24, outputs: 4, rows: 400 });
    const random = seededRandom(8);
    // Quantised inputs: shrunk by a fifth, shifted and noisy.
    const inputRows = input.inputRows.map((value) => 0.8 * value + 0.3 + 0.02 * (random() - 0.5));
    const found = roundWithFeedback({ ...input, inputRows, levels: null, refit: true });
    expect(found).toMatchObject({ kept: true, levels: null });
    expect(found.after).toBeLessThan(found.before / 20);
    expect(found.scales).toEqual(input.scales);
  });

  it("fits and rounds in one go", () => {
    const input = layer({ depth: 24, outputs: 4, rows: 400 });
    const found = roundWithFeedback({ ...input, inputRows: input.inputRows.map((value) => 0.8 * value), refit: true });
    expect(found.kept).toBe(true);
    expectConsistent(found, input.levels);
    expect(found.after).toBeLessThan(found.before / 10);
  });

  it.each<[string, (input: Layer) => Partial<FeedbackInput>]>([
    ["inputs do not vary", ({ inputRows }) => ({ inputRows: inputRows.map(() => 1.5) })],
    ["there is one row", ({ inputRows, targetRows }) => ({ inputRows: inputRows.slice(0, 24), targetRows: targetRows.slice(0, 4) })],
  ])("keeps nearest rounding where %s", (_, change) => {
    const whole = layer({ depth: 24, outputs: 4, rows: 400 });
    const input = { ...whole, ...change(whole) };
    const found = roundWithFeedback(input);
    expect(found).toMatchObject({ kept: false, bias: input.bias, scales: input.scales, after: found.before });
    expect(found.levels).toEqual(Int8Array.from(input.weight, (value, at) => Math.round(value / input.scales[Math.floor(at / 24)]!)));
  });

  it("keeps pairs within what kernels can add, also over the blocks that it works in, and makes up for what that costs", () => {
    const depth = 400;
    const shape = layer({ depth, outputs: 6, rows: 300 });
    // Neighbours within a block, and half of them over its border.
    const pairs = Int32Array.from({ length: depth }, (_, k) => (k < 200 ? k ^ 1 : k < 300 ? k + 100 : k - 100));
    const scales = shape.scales.map((_, m) => pairedStep(shape.weight, m * depth, pairs));
    const { kept, levels, before, after } = roundWithFeedback({ ...shape, scales, levels: { qmin: -127, qmax: 127, pairs } });
    expect(kept).toBe(true);
    expect(after).toBeLessThan(before);
    let most = 0;
    for (let at = 0; at < levels!.length; at++) {
      const other = at - (at % depth) + pairs[at % depth]!;
      if (levels![at]! * levels![other]! > 0) most = Math.max(most, Math.abs(levels![at]! + levels![other]!));
    }
    expect(most).toBeGreaterThan(120);
    expect(most).toBeLessThanOrEqual(PAIR_LIMIT);
  });
});
