import type { Model } from "@octet/onnx/ir/model";
import type { Feeds, UnitDecision } from "../int8/quantize-model.ts";
import { ErrorAccumulator } from "../numeric/error-statistics.ts";
import { floatValue, type Values, valueSource } from "../refine/value-source.ts";
import type { Runtime } from "../runtime.ts";

/** What the float model gives at its heads for a few images, kept so that any number of variants is held against it. */
export interface HeadReference {
  heads: readonly string[];
  /** Inputs of each image. */
  feeds: readonly Values[];
  /** By image, then by head. */
  values: readonly (readonly Float32Array[])[];
}

export interface HeadError {
  /** −10·log10 of the mean over heads of noise power by signal power; with one head its SQNR. */
  sqnrDb: number;
  /** 20·log10(‖x‖/‖x − x̂‖) of each head. */
  heads: { value: string; sqnrDb: number }[];
}

/**
 * Names of the raw predictions: outputs of the last convolutions, before anything is decoded; where there are none, the
 * float32 outputs of the model.
 */
export function headValues(prepared: Model, decisions: readonly UnitDecision[]): string[] {
  const heads = decisions.filter(({ reason }) => reason === "head").flatMap(({ unit }) => unit.outputs);
  if (heads.length > 0) return heads;
  return prepared.graph.outputs.filter(({ dataType }) => dataType === "float32").map(({ name }) => name);
}

export interface ReferenceOptions {
  runtime: Runtime;
  feeds: Feeds;
  heads: readonly string[];
  /** How many of the images are used. Default: all. */
  images?: number;
}

/** Runs the float model once. Holds inputs and heads of all its images: meant for a handful. @throws AppError INFERENCE_FAILED */
export async function floatReference(prepared: Model, options: ReferenceOptions): Promise<HeadReference> {
  const { runtime, feeds, heads, images = Number.POSITIVE_INFINITY } = options;
  const kept: Values[] = [];
  const values: Float32Array[][] = [];
  for await (const found of valueSource(prepared, () => firstOf(feeds, images), runtime).read(heads)) {
    values.push(heads.map((head) => floatValue(found, head).data.slice()));
    kept.push(Object.fromEntries(prepared.graph.inputs.map(({ name }) => [name, found[name]!])));
  }
  return { heads, feeds: kept, values };
}

/**
 * How far a variant of the model is from the reference at the heads. Q and DQ are run as written, so that the figure does
 * not depend on this host's integer kernels.
 * @throws AppError INFERENCE_FAILED, BAD_INPUT where the variant lacks one of the heads
 */
export async function headError(reference: HeadReference, variant: Model, runtime: Runtime): Promise<HeadError> {
  const { heads, feeds, values } = reference;
  const errors = heads.map(() => new ErrorAccumulator());
  let image = 0;
  for await (const found of valueSource(variant, feeds, simulated(runtime)).read(heads)) {
    for (const [at, head] of heads.entries()) errors[at]!.add(values[image]![at]!, floatValue(found, head).data);
    image++;
  }
  const each = heads.map((value, at) => ({ value, sqnrDb: decibels(errors[at]!) }));
  return { sqnrDb: meanSqnr(each.map(({ sqnrDb }) => sqnrDb)), heads: each };
}

/** SQNR in dB at the heads as one number, to compare variants by. @throws AppError INFERENCE_FAILED, BAD_INPUT */
export async function headSqnr(prepared: Model, variant: Model, options: ReferenceOptions): Promise<number> {
  return (await headError(await floatReference(prepared, options), variant, options.runtime)).sqnrDb;
}

/**
 * Heads differ in magnitude (scores, offsets of boxes), and matter alike: what is averaged is noise power by signal power
 * of each.
 */
export function meanSqnr(decibels: readonly number[]): number {
  if (decibels.length === 0) return Number.POSITIVE_INFINITY;
  return -10 * Math.log10(decibels.reduce((sum, db) => sum + 10 ** (-db / 10), 0) / decibels.length);
}

/** The same runtime with Q and DQ run as they are written. */
export const simulated = (runtime: Runtime): Runtime => ({ load: (model, choices) => runtime.load(model, { ...choices, simulate: true }) });

/** The first `images` of the feeds. */
export async function* firstOf(feeds: Feeds, images: number): AsyncGenerator<Values> {
  let left = images;
  if (left <= 0) return;
  for await (const feed of feeds()) {
    yield feed;
    if (--left <= 0) return;
  }
}

/** A variant that gives NaN has lost everything. */
function decibels(errors: ErrorAccumulator): number {
  const { sqnrDb } = errors.result();
  return Number.isNaN(sqnrDb) ? Number.NEGATIVE_INFINITY : sqnrDb;
}
