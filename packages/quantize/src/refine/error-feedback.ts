import { roundHalfToEven } from "@octet/shared/rounding";
import { firstOfPair, limitPairs, pairedStep, secondOfPair, type WeightPairs } from "../numeric/weight-pairs.ts";
import { cholesky, invertDefinite } from "./linear-algebra.ts";

export interface FeedbackInput {
  /** Float weights [M, K] of one group. */
  weight: Float32Array;
  bias: Float32Array;
  /** Step of each output channel, M. */
  scales: Float32Array;
  /** Rows of the layer's input as the quantised layers before it give it, [N, K]. */
  inputRows: Float32Array;
  /** What the float layer makes at the same places, before its activation, [N, M]; null: what `weight` makes of these inputs. */
  targetRows: Float32Array | null;
  /** Lowest and highest level; null: the weights stay float and are only fitted anew. */
  levels: Limits | null;
  /** Whether weights are fitted anew before they are rounded; only to targets that are given. Default true. */
  refit?: boolean;
  /** Ridge of the re-fit and damping of the rounding, as a share of the inputs' mean variance. Default 0.01. */
  damping?: number;
}

interface Limits {
  qmin: number;
  qmax: number;
  /** Weights that kernels add in 16 bits, whose levels may not make up too much together. */
  pairs?: WeightPairs | null;
}

export interface FeedbackResult {
  /** [M, K]; null where the weights stay float. */
  levels: Int8Array | null;
  /** The weights that the levels stand for, or the fitted float ones. */
  weight: Float32Array;
  bias: Float32Array;
  scales: Float32Array;
  kept: boolean;
  /** Mean squared error of the layer's output on held-out rows: nearest rounding with the float bias, and what was found. */
  before: number;
  after: number;
}

/** Share of the rows that decide and that nothing is fitted to. */
const heldOut = 0.25;
/** Inputs whose rounding errors make up for each other; more cost time with their third power and gain next to nothing. */
const blockSize = 288;
/** Inputs of the largest layer that is fitted anew as a whole. */
const largestRefit = 640;
/** A channel's range may shrink to so much of its largest weight where that costs less than coarser steps. */
const shrink = [1, 0.95, 0.9, 0.85, 0.8, 0.7];
/** The same where pairs bound it as well: few of them may be clipped for finer steps of all. */
const shrinkOfPairs = [...shrink, 0.6, 0.5];

/**
 * Layer-wise reconstruction in closed form. First the weights are fitted anew by ridge regression, so that on the
 * *quantised* inputs the layer gives what the float one gives on float inputs; then they are rounded one input after the
 * other, each rounding error being made up for by the weights that are still free (Frantar & Alistarh, "Optimal Brain
 * Compression", NeurIPS 2022, and GPTQ, ICLR 2023). The bias takes what is left of the mean (Nagel et al. 2019), which is
 * why inputs are centred. Kept only where the error on held-out rows falls.
 */
export function roundWithFeedback(input: FeedbackInput): FeedbackResult {
  const { weight, bias, inputRows, targetRows, levels: limits, damping = 0.01 } = input;
  const outputs = bias.length;
  const depth = weight.length / outputs;
  const rows = inputRows.length / depth;
  const held = Math.min(rows - 1, Math.floor(rows * heldOut));
  const learnt = rows - held;
  const nearest = limits && roundNearest(weight, input.scales, depth, limits);
  const errorOf = (values: Float32Array, offsets: Float32Array): number =>
    targetRows
      ? meanSquaredError(values, offsets, inputRows, targetRows, learnt, rows)
      : meanSquaredChange(difference(values, weight), difference(offsets, bias), inputRows, learnt, rows);
  const start = nearest ? dequantised(nearest, input.scales, depth) : weight;
  const before = errorOf(start, bias);
  const unchanged: FeedbackResult = { levels: nearest, weight: start, bias, scales: input.scales, kept: false, before, after: before };
  if (learnt < 2 || held < 1) return unchanged;

  const inputMean = columnMeans(inputRows, learnt, depth);
  const targetMean = targetRows ? columnMeans(targetRows, learnt, outputs) : meanOutputs(weight, bias, inputMean);
  const refitted = targetRows !== null && input.refit !== false && depth <= largestRefit;
  const fitted = refitted ? refit({ ...input, targetRows }, inputMean, targetMean, learnt, depth) : Float64Array.from(weight);
  if (!fitted) return unchanged;
  const variances = columnVariances(inputRows, inputMean, learnt, depth);
  const scales = limits ? chooseScales(fitted, input.scales, variances, depth, limits) : input.scales;
  const levels = limits && new Int8Array(outputs * depth);
  if (levels) {
    for (let from = 0; from < depth; from += blockSize) {
      const block = { from, to: Math.min(depth, from + blockSize) };
      const inverse = dampedInverse(inputRows, inputMean, learnt, depth, block, damping);
      if (!inverse || !feedBack(fitted, scales, inverse, depth, block, limits, levels)) return unchanged;
    }
  }
  const values = levels ? dequantised(levels, scales, depth) : Float32Array.from(fitted);
  const corrected = Float32Array.from(targetMean, (mean, m) => {
    let product = 0;
    for (let k = 0; k < depth; k++) product += values[m * depth + k]! * inputMean[k]!;
    return mean - product;
  });
  const after = errorOf(values, corrected);
  return after < before ? { levels, weight: values, bias: corrected, scales, kept: true, before, after } : unchanged;
}

/** W + (Σ + λI)⁻¹ · cov(x, y − W·x): the ridge pulls towards the given weights. [M, K] */
function refit(
  { weight, inputRows, targetRows, damping = 0.01 }: FeedbackInput & { targetRows: Float32Array },
  inputMean: Float64Array,
  targetMean: Float64Array,
  learnt: number,
  depth: number,
): Float64Array | null {
  const inverse = dampedInverse(inputRows, inputMean, learnt, depth, { from: 0, to: depth }, damping);
  if (!inverse) return null;
  const outputs = targetMean.length;
  const cross = new Float64Array(outputs * depth);
  const residual = new Float64Array(outputs);
  const centred = new Float64Array(depth);
  for (let n = 0; n < learnt; n++) {
    for (let k = 0; k < depth; k++) centred[k] = inputRows[n * depth + k]! - inputMean[k]!;
    for (let m = 0; m < outputs; m++) {
      let product = 0;
      for (let k = 0; k < depth; k++) product += weight[m * depth + k]! * centred[k]!;
      residual[m] = targetRows[n * outputs + m]! - targetMean[m]! - product;
    }
    for (let m = 0; m < outputs; m++) {
      const r = residual[m]! / learnt;
      const at = m * depth;
      for (let k = 0; k < depth; k++) cross[at + k]! += r * centred[k]!;
    }
  }
  const fitted = new Float64Array(outputs * depth);
  for (let m = 0; m < outputs; m++) {
    for (let k = 0; k < depth; k++) {
      let change = 0;
      for (let j = 0; j < depth; j++) change += inverse[k * depth + j]! * cross[m * depth + j]!;
      fitted[m * depth + k] = weight[m * depth + k]! + change;
    }
  }
  return fitted;
}

/** For each channel the step that loses least, errors weighted by the inputs' variances. */
function chooseScales(weight: Float64Array, given: Float32Array, variances: Float64Array, depth: number, limits: Limits): Float32Array {
  const { qmax, pairs } = limits;
  const row = new Float32Array(depth);
  return given.map((scale, m) => {
    for (let k = 0; k < depth; k++) row[k] = weight[m * depth + k]!;
    const widest = pairs ? pairedStep(row, 0, pairs) : row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / qmax;
    if (!(widest > 0)) return scale;
    let best = scale;
    let least = Number.POSITIVE_INFINITY;
    for (const share of pairs ? shrinkOfPairs : shrink) {
      const step = Math.fround(widest * share);
      const levels = roundNearest(row, [step], depth, limits);
      let error = 0;
      for (let k = 0; k < depth; k++) error += (row[k]! - levels[k]! * step) ** 2 * variances[k]!;
      if (error < least) {
        least = error;
        best = step;
      }
    }
    return best;
  });
}

interface Block {
  from: number;
  to: number;
}

/** Rounds the inputs of a block one by one, the best determined first, into `levels` [M, K]. False where it cannot be done. */
function feedBack(
  weight: Float64Array,
  scales: Float32Array,
  inverse: Float64Array,
  depth: number,
  { from, to }: Block,
  { qmin, qmax, pairs }: Limits,
  levels: Int8Array,
): boolean {
  const outputs = scales.length;
  const size = to - from;
  // The inverse's diagonal is small where an input is well determined, which is where its weight should be right first.
  const order = Array.from({ length: size }, (_, k) => k).sort((a, b) => inverse[a * size + a]! - inverse[b * size + b]!);
  const permuted = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) permuted[i * size + j] = inverse[order[i]! * size + order[j]!]!;
  // Column i of the factor is what Gaussian elimination of the inputs before i leaves of the inverse's column i.
  const factor = cholesky(permuted, size);
  if (!factor) return false;
  const left = new Float64Array(size);
  const stepOf = new Int32Array(size);
  for (const [step, k] of order.entries()) stepOf[k] = step;
  for (let m = 0; m < outputs; m++) {
    const scale = scales[m]!;
    const row = m * depth + from;
    for (let i = 0; i < size; i++) left[i] = weight[row + order[i]!]!;
    for (let step = 0; step < size; step++) {
      const k = from + order[step]!;
      const value = left[step]! / scale;
      const other = pairs ? pairs[k]! : -1;
      let level: number;
      if (other < 0) level = Math.min(qmax, Math.max(qmin, roundHalfToEven(value)));
      else {
        const within = other >= from && other < to;
        if (other < from || (within && stepOf[other - from]! < step)) level = secondOfPair(value, levels[m * depth + other]!);
        else level = firstOfPair(value, (within ? left[stepOf[other - from]!]! : weight[m * depth + other]!) / scale);
      }
      levels[m * depth + k] = level;
      const miss = (left[step]! - level * scale) / factor[step * size + step]!;
      if (miss === 0) continue;
      for (let later = step + 1; later < size; later++) left[later]! -= miss * factor[later * size + step]!;
    }
  }
  return true;
}

/** Inverse of the inputs' covariance plus a ridge; null where they do not vary. */
function dampedInverse(
  values: Float32Array,
  means: Float64Array,
  rows: number,
  columns: number,
  { from, to }: Block,
  damping: number,
): Float64Array | null {
  const size = to - from;
  const covariance = new Float64Array(size * size);
  // Four rows at once: a sum is loaded and stored once for four products. Rows that are missing at the end stay 0.
  const [a, b, c, d] = [0, 1, 2, 3].map(() => new Float64Array(size)) as [Float64Array, Float64Array, Float64Array, Float64Array];
  for (let n = 0; n < rows; n += 4) {
    for (const [ahead, centred] of [a, b, c, d].entries()) {
      const row = (n + ahead) * columns + from;
      if (n + ahead >= rows) centred.fill(0);
      else for (let k = 0; k < size; k++) centred[k] = values[row + k]! - means[from + k]!;
    }
    for (let i = 0; i < size; i++) {
      const [va, vb, vc, vd] = [a[i]!, b[i]!, c[i]!, d[i]!];
      const at = i * size;
      for (let j = 0; j <= i; j++) covariance[at + j]! += va * a[j]! + vb * b[j]! + vc * c[j]! + vd * d[j]!;
    }
  }
  let variance = 0;
  let level = 0;
  for (let k = 0; k < size; k++) {
    variance += covariance[k * size + k]! / rows / size;
    level += means[from + k]! ** 2 / size;
  }
  // What the means' own rounding leaves of constant inputs is no variance.
  if (!(variance > 1e-12 * level)) return null;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      covariance[i * size + j]! /= rows;
      covariance[j * size + i] = covariance[i * size + j]!;
    }
    covariance[i * size + i]! += damping * variance;
  }
  return invertDefinite(covariance, size);
}

function columnVariances(values: Float32Array, means: Float64Array, rows: number, columns: number): Float64Array {
  const variances = new Float64Array(columns);
  for (let n = 0; n < rows; n++) for (let k = 0; k < columns; k++) variances[k]! += (values[n * columns + k]! - means[k]!) ** 2 / rows;
  return variances;
}

function roundNearest(weight: Float32Array, scales: ArrayLike<number>, depth: number, { qmin, qmax, pairs }: Limits): Int8Array {
  const levels = Int8Array.from(weight, (value, i) =>
    Math.min(qmax, Math.max(qmin, roundHalfToEven(Math.fround(value / scales[Math.floor(i / depth)]!)))),
  );
  if (pairs) limitPairs(levels, weight, scales, pairs);
  return levels;
}

function dequantised(levels: Int8Array, scales: Float32Array, depth: number): Float32Array {
  return Float32Array.from(levels, (level, i) => level * scales[Math.floor(i / depth)]!);
}

function columnMeans(values: Float32Array, rows: number, columns: number): Float64Array {
  const means = new Float64Array(columns);
  for (let n = 0; n < rows; n++) for (let k = 0; k < columns; k++) means[k]! += values[n * columns + k]! / rows;
  return means;
}

function meanSquaredError(
  weight: Float32Array,
  bias: Float32Array,
  inputRows: Float32Array,
  targetRows: Float32Array,
  from: number,
  to: number,
): number {
  const outputs = bias.length;
  const depth = weight.length / outputs;
  let sum = 0;
  for (let n = from; n < to; n++) {
    for (let m = 0; m < outputs; m++) {
      let product = 0;
      for (let k = 0; k < depth; k++) product += weight[m * depth + k]! * inputRows[n * depth + k]!;
      const error = product + bias[m]! - targetRows[n * outputs + m]!;
      sum += error * error;
    }
  }
  return sum / Math.max(1, (to - from) * outputs);
}

/** The same for targets that the unchanged weights make: only the change counts. */
function meanSquaredChange(weight: Float32Array, bias: Float32Array, inputRows: Float32Array, from: number, to: number): number {
  return meanSquaredError(weight, bias, inputRows, new Float32Array(to * bias.length), from, to);
}

const difference = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, at) => value - b[at]!);

/** Of the layer, given the means of its inputs. */
function meanOutputs(weight: Float32Array, bias: Float32Array, inputMean: Float64Array): Float64Array {
  const depth = inputMean.length;
  return Float64Array.from(bias, (offset, m) => {
    let sum = offset;
    for (let k = 0; k < depth; k++) sum += weight[m * depth + k]! * inputMean[k]!;
    return sum;
  });
}
