import { AppError } from "@octet/shared/errors";
import { roundHalfToEven } from "@octet/shared/rounding";
import { limitPairs, type WeightPairs } from "../numeric/weight-pairs.ts";
import type { Runtime, RuntimeSession } from "../runtime.ts";
import { type Activation, applyActivation } from "./activation.ts";
import { adam, adaroundStep, type LayerProblem, roundingError, stretch } from "./adaround-graph.ts";
import { seededRandom } from "./random.ts";

export interface AdaroundInput {
  /** Float weights [M, K], M output channels of all groups, K = kernel elements × input channels of a group. */
  weight: Float32Array;
  outChannels: number;
  groups: number;
  /** Step of each output channel. */
  scales: ArrayLike<number>;
  /** Rows of the layer's input, as the quantised layers before it give it: [groups, N, K], see `sampleRows`. */
  inputRows: Float32Array;
  /** The float layer's output, before the activation, at the same places: [groups, N, M/groups]. */
  targetRows: Float32Array;
  bias?: Float32Array;
  activation?: Activation;
  /** Lowest and highest level. Default −127…127. */
  qmin?: number;
  qmax?: number;
  /** Levels that are lowered where a pair of them makes up too much. */
  pairs?: WeightPairs | null;
  /** Default 500: a second or two for a layer of a small detector on two cores. The paper takes 10,000. */
  iterations?: number;
  /** Rows a step. Default 512. */
  batch?: number;
  /** Adam's rate. Default 0.01. */
  rate?: number;
  seed?: number;
  runtime: Runtime;
  signal?: AbortSignal;
}

export interface AdaroundResult {
  /** Levels [M, K]: learnt, or nearest rounding where learning did not lower the error. */
  data: Int8Array;
  kept: boolean;
  /** Mean over held-out rows of the squared error summed over channels, after the activation. */
  before: number;
  after: number;
  /** Weights whose level is not the nearest. */
  changed: number;
}

/** Weight of the regulariser that drives h to 0 or 1, and the share of iterations before it sets in (Nagel et al. 2020). */
const regulariser = { weight: 0.01, warmUp: 0.2, betaStart: 20, betaEnd: 2 };
/** Share of the rows that learning does not see: they decide. */
const heldOut = 0.2;

/**
 * AdaRound (Nagel et al., "Up or down? Adaptive rounding for post-training quantization", ICML 2020): learns for each
 * weight whether to round it up or down, so that the layer's output after its activation stays closest to the float
 * layer's. All products, gradients and Adam run in the given runtime.
 * @throws AppError BAD_INPUT where sizes do not fit
 */
export async function adaround(options: AdaroundInput): Promise<AdaroundResult> {
  const problem = problemOf(options);
  const { qmin = -127, qmax = 127, runtime, seed = 1 } = options;
  const { groups, outputs, depth, rows, scales } = problem;
  const lower = new Float32Array(options.weight.length);
  const alpha = new Float32Array(lower.length);
  const nearest = new Int8Array(lower.length);
  for (let i = 0; i < lower.length; i++) {
    const exact = Math.min(qmax, Math.max(qmin, options.weight[i]! / scales[Math.floor(i / depth)]!));
    // Of the levels floor and floor + 1 both must exist.
    lower[i] = Math.min(qmax - 1, Math.floor(exact));
    alpha[i] = -Math.log(stretch.width / (exact - lower[i]! - stretch.offset) - 1);
    nearest[i] = Math.min(qmax, Math.max(qmin, roundHalfToEven(exact)));
  }
  const limit = (levels: Int8Array): void => {
    if (options.pairs) limitPairs(levels, options.weight, scales, options.pairs);
  };
  limit(nearest);
  const random = seededRandom(seed);
  const order = shuffled(rows, random);
  const judged = order.slice(0, Math.max(1, Math.floor(rows * heldOut)));
  const learnt = rows > 1 ? order.slice(judged.length) : order;
  const evaluation = await runtime.load(roundingError(problem));
  try {
    const errorOf = (levels: Int8Array) => meanError(evaluation, levels, [groups, outputs, depth], judged);
    const before = await errorOf(nearest);
    const data = await learn(options, problem, lower, alpha, learnt, random);
    limit(data);
    const after = await errorOf(data);
    if (!(after < before)) return { data: nearest, kept: false, before, after: before, changed: 0 };
    return { data, kept: true, before, after, changed: data.reduce((sum, level, i) => sum + (level === nearest[i] ? 0 : 1), 0) };
  } finally {
    await evaluation.close();
  }
}

async function learn(
  options: AdaroundInput,
  problem: LayerProblem,
  lower: Float32Array,
  start: Float32Array,
  learnt: Int32Array,
  random: () => number,
): Promise<Int8Array> {
  const { iterations = 500, batch = 512, rate = 0.01, runtime, signal } = options;
  const dims = [problem.groups, problem.outputs, problem.depth];
  let [alpha, first, second] = [start, new Float32Array(start.length), new Float32Array(start.length)];
  const session = await runtime.load(adaroundStep(problem, lower));
  try {
    for (let step = 1; step <= iterations; step++) {
      signal?.throwIfAborted();
      const index = BigInt64Array.from({ length: Math.min(batch, learnt.length) }, () =>
        BigInt(learnt[Math.floor(random() * learnt.length)]!),
      );
      const progress = (step / iterations - regulariser.warmUp) / (1 - regulariser.warmUp);
      const beta =
        regulariser.betaEnd + 0.5 * (regulariser.betaStart - regulariser.betaEnd) * (1 + Math.cos(Math.max(0, progress) * Math.PI));
      const corrected = (rate * Math.sqrt(1 - adam.beta2 ** step)) / (1 - adam.beta1 ** step);
      const scalar = (value: number) => ({ dims: [], data: Float32Array.of(value) });
      const next = await session.run({
        alpha: { dims, data: alpha },
        first: { dims, data: first },
        second: { dims, data: second },
        index: { dims: [index.length], data: index },
        beta: scalar(beta),
        weight: scalar(progress < 0 ? 0 : regulariser.weight),
        rate: scalar(corrected),
      });
      alpha = next["nextAlpha"]!.data as Float32Array<ArrayBuffer>;
      first = next["nextFirst"]!.data as Float32Array<ArrayBuffer>;
      second = next["nextSecond"]!.data as Float32Array<ArrayBuffer>;
    }
  } finally {
    await session.close();
  }
  // h(α) ≥ ½ just where α ≥ 0.
  return Int8Array.from(lower, (level, i) => level + (alpha[i]! >= 0 ? 1 : 0));
}

async function meanError(session: RuntimeSession, levels: Int8Array, dims: number[], rows: Int32Array): Promise<number> {
  const { sum } = await session.run({
    levels: { dims, data: Float32Array.from(levels) },
    index: { dims: [rows.length], data: BigInt64Array.from(rows, BigInt) },
  });
  return Number(sum!.data[0]) / rows.length;
}

function problemOf(options: AdaroundInput): LayerProblem {
  const { weight, outChannels, groups, inputRows, targetRows, activation = { kind: "none" } } = options;
  const depth = weight.length / outChannels;
  const outputs = outChannels / groups;
  const rows = targetRows.length / outChannels;
  const bias = options.bias ?? new Float32Array(outChannels);
  const fits = [depth, outputs, rows].every(Number.isInteger) && inputRows.length === groups * rows * depth && rows > 0;
  if (!fits || options.scales.length !== outChannels || bias.length !== outChannels) {
    throw new AppError(
      "BAD_INPUT",
      `AdaRound cannot use ${inputRows.length} inputs and ${targetRows.length} targets with ${weight.length} weights of ${outChannels} channels in ${groups} groups`,
    );
  }
  const target = applyActivation(Float32Array.from(targetRows), activation);
  return { groups, rows, outputs, depth, input: inputRows, target, scales: Float32Array.from(options.scales), bias, activation };
}

function shuffled(count: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
