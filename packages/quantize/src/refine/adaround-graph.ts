import type { Attribute } from "@octet/onnx/ir/model";
import type { Activation } from "./activation.ts";
import { GraphBuilder } from "./graph-builder.ts";

/** A layer as batched products: rows [G, N, K], weights [G, M, K], targets (after the activation) [G, N, M]. */
export interface LayerProblem {
  groups: number;
  rows: number;
  outputs: number;
  depth: number;
  input: Float32Array;
  target: Float32Array;
  /** Step of each output channel, [G, M]. */
  scales: Float32Array;
  /** [G, M] */
  bias: Float32Array;
  activation: Activation;
}

const int = (value: number): Attribute => ({ type: "int", value: BigInt(value) });
const ints = (...values: number[]): Attribute => ({ type: "ints", value: values.map(BigInt) });
const swapped = { perm: ints(0, 2, 1) };

export const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** The rectified sigmoid reaches 0 and 1: clip(1.2·σ(α) − 0.1, 0, 1). */
export const stretch = { width: 1.2, offset: -0.1 };

/**
 * One step of AdaRound as a graph: rounding h(α) of the given levels, forward on a batch of rows, gradient of the squared
 * error and of the regulariser, and Adam. Inputs: alpha, first, second [G, M, K]; index [B]; beta, weight (of the
 * regulariser) and rate (bias-corrected). Outputs: nextAlpha, nextFirst, nextSecond.
 */
export function adaroundStep(problem: LayerProblem, lower: Float32Array): Uint8Array {
  const { groups, outputs, depth } = problem;
  const g = new GraphBuilder();
  const shape = [groups, outputs, depth];
  const [alpha, first, second] = [g.input("alpha", shape), g.input("first", shape), g.input("second", shape)];
  const index = g.input("index", ["batch"], "int64");
  const [beta, weight, rate] = [g.input("beta", []), g.input("weight", []), g.input("rate", [])];
  const [one, two, zero] = [g.scalar(1), g.scalar(2), g.scalar(0)];

  const sigmoid = g.op("Sigmoid", [alpha]);
  const stretched = g.op("Add", [g.op("Mul", [sigmoid, g.scalar(stretch.width)]), g.scalar(stretch.offset)]);
  const h = g.op("Clip", [stretched, zero, one]);
  const slope = g.op("Mul", [g.op("Mul", [sigmoid, g.op("Sub", [one, sigmoid])]), g.scalar(stretch.width)]);
  const inside = mask(g, g.op("And", [g.op("Greater", [stretched, zero]), g.op("Less", [stretched, one])]));

  const { rows, error, derivative } = forward(g, problem, g.op("Add", [g.constant(shape, lower), h]), index);
  const size = g.op("Cast", [g.op("Size", [index])], { to: int(1) });
  const outer = g.op("Div", [g.op("Mul", [g.op("Mul", [error, derivative]), two]), size]);
  const weightGradient = g.op("Mul", [g.op("MatMul", [g.op("Transpose", [outer], swapped), rows]), stepOf(g, problem)]);

  // d/dh of weight·Σ(1 − |2h − 1|^β)
  const centred = g.op("Sub", [g.op("Mul", [h, two]), one]);
  // As exp(p·log x), which is vectorised, and with x kept off 0, whose powers are subnormal numbers that CPUs crawl over.
  const magnitude = g.op("Clip", [g.op("Abs", [centred]), g.scalar(0.02), one]);
  const power = g.op("Exp", [g.op("Mul", [g.op("Log", [magnitude]), g.op("Sub", [beta, one])])]);
  const pull = g.op("Mul", [g.op("Mul", [power, g.op("Sign", [centred])]), g.op("Mul", [g.op("Mul", [beta, weight]), two])]);
  const settled = g.op("Mul", [g.op("Mul", [g.op("Sub", [weightGradient, pull]), slope]), inside]);
  // Adam's moments of settled weights would decay into subnormal numbers too.
  const gradient = g.op("Add", [settled, g.scalar(1e-18)]);

  const decay = (moment: string, fresh: string, factor: number) =>
    g.op("Add", [g.op("Mul", [moment, g.scalar(factor)]), g.op("Mul", [fresh, g.scalar(1 - factor)])]);
  const nextFirst = decay(first, gradient, adam.beta1);
  const nextSecond = decay(second, g.op("Mul", [gradient, gradient]), adam.beta2);
  const step = g.op("Div", [g.op("Mul", [nextFirst, rate]), g.op("Add", [g.op("Sqrt", [nextSecond]), g.scalar(adam.epsilon)])]);
  g.output("nextAlpha", g.op("Sub", [alpha, step]));
  g.output("nextFirst", nextFirst);
  g.output("nextSecond", nextSecond);
  return g.encode();
}

/** Squared error of integer weights over rows, summed over channels: input levels [G, M, K] and index [B], output sum. */
export function roundingError(problem: LayerProblem): Uint8Array {
  const { groups, outputs, depth } = problem;
  const g = new GraphBuilder();
  const levels = g.input("levels", [groups, outputs, depth]);
  const { error } = forward(g, problem, levels, g.input("index", ["batch"], "int64"));
  g.output("sum", g.op("ReduceSumSquare", [error], { keepdims: int(0) }));
  return g.encode();
}

function forward(g: GraphBuilder, problem: LayerProblem, levels: string, index: string) {
  const { groups, rows: count, outputs, depth, input, target, bias, activation } = problem;
  const rows = g.op("Gather", [g.constant([groups, count, depth], input), index], { axis: int(1) });
  const batch = g.op("Gather", [g.constant([groups, count, outputs], target), index], { axis: int(1) });
  const weights = g.op("Mul", [levels, stepOf(g, problem)]);
  const product = g.op("MatMul", [rows, g.op("Transpose", [weights], swapped)]);
  const sum = g.op("Add", [product, g.constant([groups, 1, outputs], bias)]);
  const { value, derivative } = activate(g, sum, activation);
  return { rows, error: g.op("Sub", [value, batch]), derivative };
}

function activate(g: GraphBuilder, x: string, activation: Activation): { value: string; derivative: string } {
  const one = g.scalar(1);
  if (activation.kind === "none") return { value: x, derivative: one };
  if (activation.kind === "silu") {
    const sigmoid = g.op("Sigmoid", [x]);
    const rise = g.op("Add", [one, g.op("Mul", [x, g.op("Sub", [one, sigmoid])])]);
    return { value: g.op("Mul", [x, sigmoid]), derivative: g.op("Mul", [sigmoid, rise]) };
  }
  const positive = mask(g, g.op("Greater", [x, g.scalar(0)]));
  if (activation.kind === "relu") return { value: g.op("Relu", [x]), derivative: positive };
  const { alpha } = activation;
  const derivative = g.op("Add", [g.op("Mul", [positive, g.scalar(1 - alpha)]), g.scalar(alpha)]);
  return { value: g.op("Mul", [x, derivative]), derivative };
}

const mask = (g: GraphBuilder, condition: string) => g.op("Cast", [condition], { to: int(1) });
const stepOf = (g: GraphBuilder, { groups, outputs, scales }: LayerProblem) => g.constant([groups, outputs, 1], scales);
