import type { Model } from "@octet/onnx/ir/model";
import { inferShapes } from "@octet/onnx/ops/infer-shapes";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { removeChannelShuffles } from "@octet/onnx/passes/remove-channel-shuffles";
import type { QuantizationTarget } from "@octet/shared/domain/profile";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import { collectRanges } from "../calibrate/collect.ts";
import { createObserver, HistogramObserver, rangeFromHistogram } from "../calibrate/observers.ts";
import type { CalibrationMethod, Range, RangeObserver } from "../calibrate/range-observer.ts";
import { equalizeActivations } from "../refine/activation-equalization.ts";
import { equalizeLayers } from "../refine/cross-layer-equalization.ts";
import { onlyLayers, type Reconstruction, reconstructLayers } from "../refine/reconstruct.ts";
import type { Runtime, RuntimeTensor } from "../runtime.ts";
import { type EmitPlan, emitQdq } from "./emit.ts";
import { emitTensorRt } from "./emit-tensorrt.ts";
import { findHeads } from "./heads.ts";
import { movedFrom, settleRanges } from "./implied-ranges.ts";
import { buildParamTable, fixedRange, type ParamTable } from "./param-table.ts";
import { hasOnnxRuntimeKernel, planForOnnxRuntime, quantisedValues, sharedForOnnxRuntime } from "./plan-onnxruntime.ts";
import { planForTensorRt, quantisedForTensorRt, sharedForTensorRt } from "./plan-tensorrt.ts";
import { prepareFloat } from "./prepare.ts";
import { selectForTensorRt } from "./tensorrt-selection.ts";
import { findUnits, type Unit } from "./units.ts";

export type { QuantizationTarget };

/** Why a unit stays float. */
export type FloatReason =
  /** The last convolution on a way to an output. */
  | "head"
  /** After the heads. */
  | "decode"
  /** No integer kernel takes it as it is. */
  | "unsupported"
  /** The target's rules leave it out (narrow layers, values that TensorRT fuses). */
  | "rule"
  /** Measured: the accuracy lost is not worth it. */
  | "sensitive"
  /** Measured: float runs faster here. */
  | "slower";

export interface UnitDecision {
  unit: Unit;
  precision: "int8" | "float";
  reason: FloatReason | null;
}

export type Feeds = () => Iterable<Record<string, RuntimeTensor>> | AsyncIterable<Record<string, RuntimeTensor>>;

export interface CalibrateOptions {
  target: QuantizationTarget;
  method: CalibrationMethod;
  /** Percent inside, of method percentile. Default 99.99. */
  percentile?: number;
  /** Images on which channel ranges of ReLU outputs are equalised first (a handful will do); null: not at all. Default null. */
  equalizeOn?: Feeds | null;
  /** Whether the weights of layers that feed one another are balanced first (cross-layer equalisation). Default false. */
  equalizeLayers?: boolean;
  /** Whether the last convolutions are quantised too (target onnxruntime), which costs most detectors their scores. Default false. */
  quantizeHeads?: boolean;
  runtime: Runtime;
  feeds: Feeds;
  /** Ranges that need not be looked for, such as that of an image's bytes. */
  known?: ReadonlyMap<string, Range>;
  /**
   * Whether methods that count values are shown each value's smallest and largest as well, which takes as long again as all the rest: for
   * those that may be read by min-max in the end. Default false.
   */
  exactExtents?: boolean;
  /** How many images `feeds` will give, where that is known: the more, the fewer values of each are counted. */
  expectedImages?: number;
  onImage?(done: number): void;
  signal?: AbortSignal;
}

/** Samples of one value over all images that histograms want, and their number an image at least and at most. */
const SAMPLES = { total: 2 ** 21, least: 8192, most: 32_768 };

/** A prepared model with what calibration found: everything that quantises in any number of ways is made of this. */
export interface Calibration {
  target: QuantizationTarget;
  method: CalibrationMethod;
  prepared: Model;
  units: Unit[];
  /** Rules alone; measured choices are handed to `quantizeCalibrated`. */
  decisions: UnitDecision[];
  ranges: ReadonlyMap<string, Range>;
  observers: ReadonlyMap<string, RangeObserver>;
  images: number;
}

/**
 * Prepares a model and finds the range of each value that the target may quantise.
 * @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED, CALIBRATION_EMPTY, INFERENCE_FAILED
 */
export async function calibrate(model: Model, options: CalibrateOptions): Promise<Calibration> {
  const {
    target,
    method,
    percentile = 99.99,
    equalizeOn = null,
    exactExtents = false,
    runtime,
    feeds,
    known = new Map<string, Range>(),
    expectedImages = 1,
    onImage,
    signal,
  } = options;
  const prepared = prepareFloat(model);
  if (target === "onnxruntime" && removeChannelShuffles()(prepared) > 0) inferShapes(prepared);
  if (options.equalizeLayers) equalizeLayers(prepared);
  if (equalizeOn) await equalizeActivations(prepared, { runtime, feeds: equalizeOn(), ...(signal ? { signal } : {}) });
  const units = findUnits(prepared);
  const decisions = decideByRule(prepared, units, target, options);
  const integer = decisions.filter(({ precision }) => precision === "int8").map(({ unit }) => unit);
  const ranges = new Map(known);
  for (const unit of integer) {
    const fixed = fixedRange(unit);
    if (fixed) for (const output of unit.outputs) ranges.set(output, fixed);
  }
  const values = target === "tensorrt" ? quantisedForTensorRt(prepared, units) : quantisedValues(integer);
  const moved = new Set(units.filter((unit) => values.has(movedFrom(unit) ?? "")).flatMap(({ outputs }) => outputs));
  const observers = new Map<string, RangeObserver>();
  const symmetric = target === "tensorrt";
  for (const value of values)
    if (!ranges.has(value) && !moved.has(value)) observers.set(value, createObserver(method, { symmetric, percentile }));
  const counts = method !== "minmax" && method !== "ema";
  const images = await collectRanges(prepared, observers, counts ? (exactExtents ? "both" : "samples") : "extents", {
    runtime,
    feeds: feeds(),
    samplesPerImage: Math.min(SAMPLES.most, Math.max(SAMPLES.least, Math.ceil(SAMPLES.total / expectedImages))),
    ...(onImage ? { onImage } : {}),
    ...(signal ? { signal } : {}),
  });
  for (const [value, observer] of observers) ranges.set(value, observer.range());
  settleRanges(prepared.graph, units, ranges);
  return { target, method, prepared, units, decisions, ranges, observers, images };
}

/** The same calibration read by another method; null where its observers kept no histogram. */
export function recalibrated(calibration: Calibration, method: Exclude<CalibrationMethod, "ema">, percentile = 99.99): Calibration | null {
  const ranges = new Map(calibration.ranges);
  const symmetric = calibration.target === "tensorrt";
  for (const [value, observer] of calibration.observers) {
    if (!(observer instanceof HistogramObserver)) return null;
    ranges.set(value, rangeFromHistogram(observer.histogram, method, { symmetric, percentile }));
  }
  settleRanges(calibration.prepared.graph, calibration.units, ranges);
  return { ...calibration, method, ranges };
}

export interface QuantizeOptions {
  /** Of the weights; TensorRT has 8 whatever it says. Default 8. */
  weightBits?: WeightBits;
  /** Units that stay float beside those that rules leave out, by name. */
  keepFloat?: ReadonlyMap<string, "sensitive" | "slower">;
  /** TensorRT: everything that is not INT8 becomes FP16. Default false. */
  half?: boolean;
  /** What refinement found for this calibration (`refine`). */
  refinement?: Reconstruction;
}

export interface QuantizedModel {
  model: Model;
  decisions: UnitDecision[];
  table: ParamTable;
  plan: EmitPlan;
}

/** The decisions where these units, as far as they would be integer, stay float. */
export function decideWithFloat(decisions: readonly UnitDecision[], keepFloat: NonNullable<QuantizeOptions["keepFloat"]>): UnitDecision[] {
  return decisions.map((decision) => {
    const reason = keepFloat.get(decision.unit.name);
    return reason && decision.precision === "int8" ? { ...decision, precision: "float", reason } : decision;
  });
}

/** Writes the quantised model of a calibration. Quick: nothing is run. */
export function quantizeCalibrated(calibration: Calibration, options: QuantizeOptions = {}): QuantizedModel {
  const { target, prepared, units, ranges } = calibration;
  const { weightBits = 8, keepFloat, half = false } = options;
  const decisions = keepFloat ? decideWithFloat(calibration.decisions, keepFloat) : [...calibration.decisions];
  const integer = decisions.filter(({ precision }) => precision === "int8").map(({ unit }) => unit);
  const refinement = options.refinement && fittedFor(options.refinement, decisions);
  if (target === "tensorrt") {
    const kept = new Set(keepFloat?.keys());
    const remaining = units.filter(({ name }) => !kept.has(name));
    const table = buildParamTable(ranges, sharedForTensorRt(prepared, remaining), "symmetric");
    const plan = planForTensorRt(prepared, remaining, table);
    const model = emitTensorRt(prepared, table, plan, { half, ...refinement });
    return { model, decisions, table, plan };
  }
  const values = quantisedValues(integer);
  const needed = new Map([...ranges].filter(([value]) => values.has(value)));
  const table = buildParamTable(needed, sharedForOnnxRuntime(integer, { graph: prepared.graph, ranges: needed }), "asymmetric");
  const plan = planForOnnxRuntime(prepared, integer, table, weightBits);
  return { model: emitQdq(prepared, table, plan, refinement ?? {}), decisions, table, plan };
}

/** A layer that was refined as an integer one and now stays float keeps its own weights and bias. */
function fittedFor(refinement: Reconstruction, decisions: readonly UnitDecision[]): Reconstruction {
  const float = new Set(
    decisions.filter(({ precision, reason }) => precision === "float" && reason !== "head").map(({ unit }) => unit.name),
  );
  return onlyLayers(refinement, (name) => !float.has(name));
}

export interface RefineOptions extends Omit<QuantizeOptions, "refinement" | "half"> {
  runtime: Runtime;
  feeds: Feeds;
  images: number;
  onLayer?(done: number, total: number): void;
  signal?: AbortSignal;
}

/** Error-feedback rounding of integer layers and a fit of the float heads (refine/reconstruct.ts). @throws AppError INFERENCE_FAILED */
export function refine(calibration: Calibration, options: RefineOptions): Promise<Reconstruction> {
  const { runtime, feeds, images, onLayer, signal } = options;
  const { decisions, table, plan } = quantizeCalibrated(calibration, options);
  return reconstructLayers({
    prepared: calibration.prepared,
    table,
    plan,
    integer: decisions.filter(({ unit }) => plan.weighted.has(unit.name)).map(({ unit }) => unit),
    heads: decisions.filter(({ reason }) => reason === "head").map(({ unit }) => unit),
    runtime,
    feeds,
    images,
    ...(onLayer ? { onLayer } : {}),
    ...(signal ? { signal } : {}),
  });
}

/** What rules say, before anything is measured. */
export function decideByRule(
  prepared: Model,
  units: readonly Unit[],
  target: QuantizationTarget,
  { quantizeHeads = false }: Pick<CalibrateOptions, "quantizeHeads"> = {},
): UnitDecision[] {
  const heads = findHeads(prepared.graph, units);
  const chosen = target === "tensorrt" ? new Set(selectForTensorRt(prepared, units).map(({ name }) => name)) : null;
  return units.map((unit) => {
    const float = (reason: FloatReason): UnitDecision => ({ unit, precision: "float", reason });
    if (heads.last.has(unit) && !(quantizeHeads && target === "onnxruntime")) return float("head");
    if (heads.decode.has(unit)) return float("decode");
    if (chosen && !chosen.has(unit.name)) return float("rule");
    if (!chosen && !hasOnnxRuntimeKernel(unit)) return float("unsupported");
    // Integer kernels of two-operand nodes want both operands quantised by calibration.
    if (unit.kind === "arithmetic" && unit.node.inputs.some((value) => value !== "" && constantOf(prepared.graph, value)))
      return float("unsupported");
    return { unit, precision: "int8", reason: null };
  });
}
