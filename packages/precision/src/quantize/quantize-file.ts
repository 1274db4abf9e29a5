import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkModelFile } from "@octet/inference/file-check";
import { onnxRuntime } from "@octet/inference/onnx-runtime";
import { checkModel } from "@octet/onnx/check/check-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import { readModelFile } from "@octet/onnx/io/model-file";
import type { Model } from "@octet/onnx/ir/model";
import { floatReference, headError, headValues } from "@octet/quantize/analyse/head-error";
import { measureLayerErrors } from "@octet/quantize/analyse/layer-errors";
import { type SearchResult, searchByAccuracy, searchByLatency } from "@octet/quantize/analyse/mixed-precision";
import { keepGroupsFloat, quantizerGroups } from "@octet/quantize/analyse/quantizer-groups";
import { buildReport, cutDb, type QuantizationReport } from "@octet/quantize/analyse/report";
import { type GroupSensitivity, measureSensitivity } from "@octet/quantize/analyse/sensitivity";
import type { CalibrationMethod } from "@octet/quantize/calibrate/range-observer";
import {
  type Calibration,
  calibrate,
  type Feeds,
  type QuantizationTarget,
  quantizeCalibrated,
  recalibrated,
} from "@octet/quantize/int8/quantize-model";
import { type RefinementKind, refineBy } from "@octet/quantize/int8/refinements";
import { onlyLayers, type Reconstruction } from "@octet/quantize/refine/reconstruct";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import { AppError } from "@octet/shared/errors";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { checkTarget } from "../convert/convert-model.ts";
import { feedsOf } from "../convert/observe-ranges.ts";
import { fedModel, type ImageFeed } from "../detect/image-feed.ts";
import { signatureOf } from "../inspect/inspect-model.ts";
import type { AccuracyJudge } from "./accuracy-judge.ts";
import { DetectionReference } from "./detection-error.ts";
import type { Equalization } from "./equalization.ts";
import { fileBytes } from "./file-bytes.ts";
import { asSlower, type LatencyChoice, LatencyChooser, latencies } from "./latency-choice.ts";

export interface QuantizeFileOptions {
  model: string;
  out: string;
  /** Calibration images, by path. */
  images: readonly string[];
  /** How a model that is none of the known detectors is fed. */
  feed?: ImageFeed;
  target: QuantizationTarget;
  /** null: the one that leaves least error at the heads. */
  method: CalibrationMethod | null;
  refine: RefinementKind;
  weightBits: WeightBits;
  /** Default false: see `CalibrateOptions`. */
  quantizeHeads?: boolean;
  /** Whether units that this host runs faster in float stay float (target onnxruntime). */
  byLatency: boolean;
  /** TensorRT: what is not INT8 becomes FP16. */
  half: boolean;
  /** Measures accuracy; with `maxDrop` the most sensitive layers are kept float until it is kept to. */
  judge: AccuracyJudge | null;
  maxDrop: number | null;
  /**
   * ms of one image on one thread of this host: layers stay float as far as that allows, those first that cost most accuracy for
   * what INT8 saves (target onnxruntime, `byLatency`; not with `maxDrop`). Default null: no such budget.
   */
  maxLatencyMs?: number | null;
  /** Default activations. */
  equalize?: Equalization;
  /**
   * dB that the most sensitive layers are kept float for where no data set decides: of the detections, or at the heads where
   * the images show too few; null: all that may be is quantised.
   */
  minSqnrDb: { detections: number; heads: number } | null;
  /** Whether per-layer errors and sensitivities are measured for the report. */
  analyse: boolean;
  tool: string;
  createdAt: string;
  onProgress(stage: string, done: number, total: number): void;
  signal?: AbortSignal;
}

export interface QuantizedFile {
  out: string;
  report: QuantizationReport;
  latency: LatencyChoice | null;
  search: SearchResult | null;
  /** What the user should know: a host on which INT8 does not win, a budget that was not met. */
  warnings: string[];
}

/**
 * Images that are looked through for those with most to detect, how many of these variants are held against, and
 * sensitivities are measured on; images whose heads are compared, that layers are refined on.
 */
const LOOKED_AT_IMAGES = 48;
const DETECTION_IMAGES = 16;
const HEAD_IMAGES = 4;
const REFINE_IMAGES = 16;
const SENSITIVITY_IMAGES = 4;
const EQUALIZE_IMAGES = 8;
/** How far above the least SQNR it is tried to get where that costs little speed, dB: a step may be cheap after a dear one. */
const QUIETER_DB = [4, 8];

/**
 * The whole of `octet quantize`: calibrate, choose the method, leave to float what this host runs faster so, refine, search
 * mixed precision under an accuracy or a latency budget, write the file once ONNX Runtime has loaded it.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_UNRECOGNISED, CALIBRATION_EMPTY, DATASET_INVALID,
 * INFERENCE_FAILED
 */
export async function quantizeFile(options: QuantizeFileOptions): Promise<QuantizedFile> {
  const { target, weightBits, images, judge, maxDrop, maxLatencyMs = null, equalize = "activations", signal } = options;
  const original = await checkModelFile(options.model);
  await checkTarget(options.model, options.out);
  const model = checkModel(await readModelFile(options.model));
  const signature = signatureOf(model);
  const { spec, input, warning } = fedModel(signature, options.feed);
  // Accuracy is of boxes: recognising says why there are none.
  judge?.check(spec ?? recogniseDetector(signature));
  const feeds =
    (count: number): Feeds =>
    () =>
      feedsOf(spread(images, count), input);
  const progress = (stage: string, total: number) => (done: number) => options.onProgress(stage, done, total);
  const cancel = signal ? { signal } : {};

  let calibration = await calibrate(model, {
    target,
    method: options.method ?? "percentile",
    // Min-max is one of those that are tried.
    exactExtents: options.method === null,
    quantizeHeads: options.quantizeHeads ?? false,
    equalizeOn: equalize === "activations" ? feeds(EQUALIZE_IMAGES) : null,
    equalizeLayers: equalize === "layers",
    runtime: onnxRuntime,
    feeds: feeds(images.length),
    // Whatever the images show: with all of its bytes an image loses nothing.
    known: new Map([[input.name, { min: -input.mean * input.scale, max: (255 - input.mean) * input.scale }]]),
    expectedImages: images.length,
    onImage: progress("calibrating", images.length),
    ...cancel,
  });
  if (calibration.decisions.every(({ precision }) => precision === "float"))
    throw new AppError("MODEL_UNSUPPORTED", `Nothing in ${options.model} can be quantised`, {
      hint: "It has no convolution with constant float32 weights that is not a head. A model that is quantised already cannot be quantised again.",
    });
  const reference = await floatReference(calibration.prepared, {
    runtime: onnxRuntime,
    feeds: feeds(HEAD_IMAGES),
    heads: headValues(calibration.prepared, calibration.decisions),
  });
  options.onProgress("detecting", 0, 1);
  // A model that sorts its boxes itself has no places to compare.
  const detections =
    spec && !spec.endToEnd ? await DetectionReference.create(calibration.prepared, spec, feeds(LOOKED_AT_IMAGES), DETECTION_IMAGES) : null;
  const sqnrOf = async (variant: Model): Promise<number> =>
    detections ? detections.sqnrDb(variant) : (await headError(reference, variant, onnxRuntime)).sqnrDb;
  const sqnrWith = (candidate: Calibration, more: Parameters<typeof quantizeCalibrated>[1] = {}): Promise<number> =>
    sqnrOf(quantizeCalibrated(candidate, { weightBits, ...more }).model);
  if (options.method === null) {
    options.onProgress("choosing the method", 0, 1);
    calibration = await bestMethod(calibration, sqnrWith);
  }

  const warnings = warning === null ? [] : [warning];
  const groups = quantizerGroups(calibration);
  let chooser: LatencyChooser | null = null;
  if (target === "onnxruntime" && options.byLatency) {
    options.onProgress("measuring kernels", 0, 1);
    for await (const feed of feeds(1)()) chooser = await LatencyChooser.create(calibration, weightBits, feed);
  }
  let latency: LatencyChoice | null = (await chooser?.choose()) ?? null;
  let keepFloat = new Map<string, "slower" | "sensitive">(asSlower(latency?.slower ?? []));
  /** Layers that accuracy wants in float may leave integer islands that cost more than they save: these become float too. */
  const keepSensitive = async (floatGroups: readonly string[]): Promise<void> => {
    for (const [name] of keepGroupsFloat(groups, floatGroups)) if (!keepFloat.has(name)) keepFloat.set(name, "sensitive");
    if (!chooser || !latency || floatGroups.length === 0) return;
    const { slower, floatMs, chosenMs } = await chooser.choose(keepFloat);
    for (const [name, reason] of asSlower(slower)) keepFloat.set(name, reason);
    latency = { ...latency, slower: new Set([...latency.slower, ...slower]), floatMs, chosenMs };
  };

  const refineImages = Math.min(REFINE_IMAGES, images.length);
  const heads = new Set(calibration.decisions.filter(({ reason }) => reason === "head").map(({ unit }) => unit.name));
  const refineWith = async (kept: typeof keepFloat, stage: string): Promise<{ refinement: Reconstruction | null; sqnrDb: number }> => {
    const found = await refineBy(options.refine, calibration, {
      weightBits,
      keepFloat: kept,
      runtime: onnxRuntime,
      feeds: feeds(refineImages),
      images: refineImages,
      onLayer: (done, total) => options.onProgress(stage, done, total),
      ...cancel,
    });
    // What brings a layer's output closer on all of its places may take it away from the few that detections come from.
    const whole = found ? [found] : [];
    const withoutHeads = found && found.floatWeights.size > 0 ? [onlyLayers(found, (name) => !heads.has(name))] : [];
    let best: { refinement: Reconstruction | null; sqnrDb: number } | null = null;
    for (const refinement of [...whole, ...withoutHeads, null]) {
      const sqnrDb = await sqnrWith(calibration, { keepFloat: kept, ...(refinement ? { refinement } : {}) });
      if (!best || sqnrDb > best.sqnrDb) best = { refinement, sqnrDb };
    }
    return best!;
  };
  let refined = await refineWith(keepFloat, "refining");
  for (const slower of latency?.alike.slice(1) ?? []) {
    const kept = new Map<string, "slower" | "sensitive">(asSlower(slower));
    const other = await refineWith(kept, "refining what is as fast");
    if (other.sqnrDb > refined.sqnrDb) [refined, keepFloat, latency] = [other, kept, { ...latency!, slower }];
  }
  let { refinement } = refined;

  let sensitivity: GroupSensitivity[] = [];
  const floor = maxDrop === null && maxLatencyMs === null ? (options.minSqnrDb?.[detections ? "detections" : "heads"] ?? null) : null;
  const tooNoisy = floor !== null && refined.sqnrDb < floor;
  const triesQuieter = chooser !== null && floor !== null && refined.sqnrDb < floor + QUIETER_DB.at(-1)!;
  if (options.analyse || maxDrop !== null || maxLatencyMs !== null || tooNoisy || triesQuieter) {
    sensitivity = await measureSensitivity(calibration, {
      runtime: onnxRuntime,
      feeds: feeds(SENSITIVITY_IMAGES),
      images: SENSITIVITY_IMAGES,
      options: { weightBits, keepFloat, ...(refinement ? { refinement } : {}) },
      ...(detections ? { measure: (variant) => detections.sqnrDb(variant, SENSITIVITY_IMAGES) } : {}),
      onGroup: (done, total) => options.onProgress("measuring sensitivity", done, total),
      ...cancel,
    });
  }
  const final = (half = options.half) =>
    quantizeCalibrated(calibration, { weightBits, keepFloat, half, ...(refinement ? { refinement } : {}) });

  let search: SearchResult | null = null;
  const keepingFloat = (names: readonly string[]) => new Map([...keepGroupsFloat(groups, names), ...keepFloat]);
  const searched = sensitivity.map(({ group, sqnrDb }) => ({
    name: group.name,
    sqnrDb,
    ...(chooser ? { latencyGain: chooser.gainOf(group.units) } : {}),
  }));
  const built = (names: readonly string[], by = refinement) =>
    quantizeCalibrated(calibration, { weightBits, keepFloat: keepingFloat(names), ...(by ? { refinement: by } : {}) }).model;
  /** Keeps the fewest layers float with which so many dB are reached. */
  const quieten = async (leastDb: number): Promise<void> => {
    const sqnr = "SQNR";
    const { chosen } = await searchByAccuracy(searched, {
      float: { [sqnr]: leastDb },
      maxDrop: 0,
      build: (names) => encodeModel(built(names)),
      evaluate: async (_, names) => ({ metrics: { [sqnr]: await sqnrOf(built(names)) } }),
      onStep: (step) => options.onProgress(`quieting: ${step.floatGroups.length} layers float`, 0, 1),
      ...cancel,
    });
    await keepSensitive(chosen.floatGroups);
  };
  const refineAgain = async (): Promise<void> => {
    refined = await refineWith(keepFloat, "refining again");
    ({ refinement } = refined);
  };
  if (tooNoisy && floor !== null) {
    await quieten(floor);
    await refineAgain();
  }
  if (chooser && triesQuieter && floor !== null) {
    const least = fileBytes(built([]), target);
    for (const more of QUIETER_DB) {
      if (refined.sqnrDb >= floor + more) continue;
      const before = { keepFloat: new Map(keepFloat), latency };
      await quieten(floor + more);
      if (await chooser.keepsSaving(least, fileBytes(built([]), target))) await refineAgain();
      else ({ keepFloat, latency } = before);
    }
  }
  if (chooser && maxLatencyMs !== null) {
    const timed = chooser;
    // Heads were fitted to what integer layers give: with most layers in float that does harm, and is done anew for those chosen.
    const layersOnly = refinement && onlyLayers(refinement, (name) => !heads.has(name));
    search = await searchByLatency(searched, {
      maxLatencyMs,
      build: (names) => fileBytes(built(names, layersOnly), target),
      evaluate: async (bytes, names) => ({
        latencyMs: await timed.latencyOf(bytes),
        // The budget decides; accuracy is for the report's trade-off.
        ...(options.analyse ? { metrics: { "SQNR, dB": cutDb(await sqnrOf(built(names, layersOnly))) } } : {}),
      }),
      onStep: (step) => options.onProgress(`searching: ${step.floatGroups.length} layers float, ${step.latencyMs?.toFixed(1)} ms`, 0, 1),
      ...cancel,
    });
    await keepSensitive(search.chosen.floatGroups);
    await refineAgain();
    if (!search.met)
      warnings.push(
        `No mixture of INT8 and float takes ${maxLatencyMs} ms or less an image here: the fastest takes ${search.chosen.latencyMs?.toFixed(1)} ms.`,
      );
  }
  const floatAccuracy = judge && (await judge.measure(await readFile(options.model)));
  if (judge && floatAccuracy && maxDrop !== null) {
    search = await searchByAccuracy(searched, {
      float: floatAccuracy,
      maxDrop,
      build: (names) => encodeModel(built(names)),
      evaluate: async (bytes) => ({ metrics: await judge.measure(bytes) }),
      onStep: (step) => options.onProgress(`searching: ${step.floatGroups.length} layers float, drop ${step.drop?.toFixed(2)}`, 0, 1),
      ...cancel,
    });
    await keepSensitive(search.chosen.floatGroups);
    if (search.chosen.floatGroups.length > 0 && options.refine !== "none") {
      // Heads were fitted to what more integer layers gave: once more, and kept only if it is no worse.
      const { refinement: again } = await refineWith(keepFloat, "refining again");
      const fitted = again && encodeModel(quantizeCalibrated(calibration, { weightBits, keepFloat, refinement: again }).model);
      const drop = fitted ? worstDrop(floatAccuracy, await judge.measure(fitted)) : Number.POSITIVE_INFINITY;
      if (again && drop <= (search.chosen.drop ?? Number.POSITIVE_INFINITY)) refinement = again;
    }
    if (!search.met)
      warnings.push(`No mixture of INT8 and float keeps within ${maxDrop} points: the loss is ${search.chosen.drop?.toFixed(2)}.`);
  }

  const quantised = final();
  const bytes = fileBytes(quantised.model, target);
  await writeChecked(options.out, bytes, target);
  // Analysis cannot read what was made FP16.
  const measured = options.half ? final(false) : quantised;
  const layerErrors = options.analyse
    ? await measureLayerErrors(calibration, measured, { runtime: onnxRuntime, feeds: feeds(2), images: 2, ...cancel })
    : undefined;
  let times: { floatMs: number; quantisedMs: number } | null = null;
  if (target === "onnxruntime" && options.byLatency) {
    for await (const feed of feeds(1)()) {
      const [floatMs, quantisedMs] = (await latencies([encodeModel(calibration.prepared), bytes], feed)) as [number, number];
      times = { floatMs, quantisedMs };
      if (quantisedMs >= floatMs)
        warnings.push(`On this host INT8 does not win: ${quantisedMs.toFixed(1)} ms an image against ${floatMs.toFixed(1)} ms in FP32.`);
    }
  }
  const quantisedAccuracy = judge && (await judge.measure(bytes));
  const headSqnrDb = (await headError(reference, measured.model, onnxRuntime)).sqnrDb;
  const report = buildReport(calibration, measured, {
    tool: options.tool,
    createdAt: options.createdAt,
    model: { name: path.basename(options.model), sha256: original.sha256, sizeBytes: original.size, family: spec?.family ?? null },
    result: { sha256: createHash("sha256").update(bytes).digest("hex"), sizeBytes: bytes.length },
    refinement: options.refine,
    weightBits,
    headSqnrDb,
    detectionSqnrDb: detections && (await detections.sqnrDb(measured.model)),
    sensitivity,
    ...(options.half ? { floatPrecision: "float16" as const } : {}),
    ...(layerErrors ? { layerErrors } : {}),
    ...(search ? { search } : {}),
    ...(times ? { latency: { ...times, host: `${process.platform}-${process.arch}` } } : {}),
    ...(floatAccuracy && quantisedAccuracy ? { accuracy: { float: floatAccuracy, quantised: quantisedAccuracy } } : {}),
  });
  if (!report.layers.some(({ precision }) => precision === "int8"))
    warnings.unshift(
      search?.met && maxLatencyMs !== null
        ? `No layer is INT8: the float model keeps within ${maxLatencyMs} ms already.`
        : "No layer is INT8: each was too sensitive or slower so. Give more calibration images, let the method be chosen, or quantise sensitive layers too.",
    );
  return { out: options.out, report, latency, search, warnings };
}

/** Most SQNR; percentile 99.99 is where it starts. */
async function bestMethod(calibration: Calibration, sqnrOf: (candidate: Calibration) => Promise<number>): Promise<Calibration> {
  let best = calibration;
  let most = await sqnrOf(calibration);
  for (const [method, percentile] of [["percentile", 99.999], ["mse"], ["minmax"]] as const) {
    const candidate = recalibrated(calibration, method, percentile);
    const sqnr = candidate ? await sqnrOf(candidate) : Number.NEGATIVE_INFINITY;
    if (candidate && sqnr > most) [best, most] = [candidate, sqnr];
  }
  return best;
}

function worstDrop(float: Readonly<Record<string, number>>, quantised: Readonly<Record<string, number>>): number {
  return Math.max(...Object.entries(float).map(([metric, value]) => value - (quantised[metric] ?? Number.NEGATIVE_INFINITY)));
}

/** `count` of the paths, evenly spread. */
function spread(paths: readonly string[], count: number): string[] {
  const number = Math.min(count, paths.length);
  return Array.from({ length: number }, (_, at) => paths[Math.floor((at * paths.length) / number)]!);
}

/** Nothing is left half-written, nor anything that the runtime does not take. @throws AppError MODEL_INVALID, DISK_FULL */
async function writeChecked(out: string, bytes: Uint8Array, target: QuantizationTarget): Promise<void> {
  // The CPU has no integer kernels with FP16 scales, which files for TensorRT may have: they are loaded as they are written.
  await (await onnxRuntime.load(bytes, { simulate: target === "tensorrt" })).close();
  const folder = await mkdtemp(path.join(path.dirname(path.resolve(out)), ".octet-")).catch(() => mkdtemp(path.join(tmpdir(), "octet-")));
  try {
    const file = path.join(folder, "model.onnx");
    await writeFile(file, bytes);
    await rename(file, out).catch(() => copyFile(file, out));
  } catch (cause) {
    const full = (cause as NodeJS.ErrnoException).code === "ENOSPC";
    throw new AppError(full ? "DISK_FULL" : "BAD_INPUT", `${out} cannot be written: ${(cause as Error).message}`, {
      hint: full ? "Free some space and run the command again." : "Choose another place for --out.",
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
