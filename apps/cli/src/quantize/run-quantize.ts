import { writeFile } from "node:fs/promises";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { exactWeightBits } from "@octet/inference/integer-kernels";
import { fewImagesWarning, MIN_SQNR_DB } from "@octet/precision/build/build-profile";
import { AccuracyJudge } from "@octet/precision/quantize/accuracy-judge";
import { layerCounts } from "@octet/precision/quantize/layer-counts";
import type { Equalization } from "@octet/precision/quantize/equalization";
import { quantizeFile } from "@octet/precision/quantize/quantize-file";
import { imageSize } from "@octet/precision/validate/prepared-images";
import { sampleFolder } from "@octet/precision/validate/sample-folder";
import type { AccuracyReport, QuantizationReport } from "@octet/quantize/analyse/report";
import { renderReport } from "@octet/quantize/analyse/report-html";
import type { CalibrationMethod } from "@octet/quantize/calibrate/range-observer";
import type { QuantizationTarget } from "@octet/quantize/int8/quantize-model";
import type { RefinementKind } from "@octet/quantize/int8/refinements";
import { takesLatencyBudget } from "@octet/shared/domain/profile";
import { weightBitsText } from "@octet/shared/domain/weight-bits";
import { AppError } from "@octet/shared/errors";
import { usableCores } from "@octet/shared/host-limits";
import type { DatasetFormat } from "@octet/vision/dataset/dataset";
import { readDataset } from "@octet/vision/dataset/read-dataset";
import { sampleImages } from "@octet/vision/dataset/select";
import type { CommandContext } from "../context.ts";
import { type ImageFeedOptions, imageFeedOf } from "../image-feed-options.ts";
import { type WeightBitsChoice, weightBitsOf } from "../options.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { table } from "../output/table.ts";
import { bytes } from "../output/units.ts";
import { toolName } from "../tool-name.ts";

export interface QuantizeCommandOptions extends ImageFeedOptions {
  calibration: string;
  out: string;
  method?: CalibrationMethod;
  target: QuantizationTarget;
  samples: number;
  refine: RefinementKind;
  weightBits: WeightBitsChoice;
  hostLatency: boolean;
  half: boolean;
  mixedPrecision: "off" | "auto";
  maxDrop?: number;
  maxLatency?: number;
  equalize: Equalization;
  dataset?: string;
  groundTruth?: string;
  format: DatasetFormat;
  datasetSamples?: number;
  report?: string;
}

/** Points that mixed precision keeps to where nothing else is said: what INT8 is to cost at most. */
const DEFAULT_MAX_DROP = 0.3;

/** `octet quantize`, once its options are read. Exit 1 where an accuracy budget was given and is not kept to. */
export async function runQuantize({ output }: CommandContext, model: string, options: QuantizeCommandOptions): Promise<number> {
  const file = model === "default" ? defaultModelPath() : model;
  checkOptions(options);
  const images = await sampleFolder(options.calibration, options.samples);
  const judge = options.dataset ? await judgeOf(options) : null;
  const weightBits = weightBitsOf(options.weightBits) ?? (options.target === "tensorrt" ? 8 : exactWeightBits());
  const budgeted = options.mixedPrecision === "auto" && options.maxLatency === undefined;
  const maxDrop = judge && budgeted ? (options.maxDrop ?? DEFAULT_MAX_DROP) : null;
  let bar: { stage: string; progress: ReturnType<typeof startProgress> } | null = null;
  const started = performance.now();
  const result = await quantizeFile({
    model: file,
    out: options.out,
    images,
    feed: imageFeedOf(options),
    target: options.target,
    method: options.method ?? null,
    refine: options.refine,
    weightBits,
    byLatency: options.hostLatency,
    half: options.half,
    judge,
    maxDrop,
    maxLatencyMs: options.maxLatency ?? null,
    equalize: options.equalize,
    minSqnrDb: options.mixedPrecision === "auto" ? MIN_SQNR_DB : null,
    analyse: options.report !== undefined,
    tool: toolName(),
    createdAt: new Date().toISOString(),
    onProgress: (stage, done, total) => {
      if (bar?.stage !== stage) {
        bar?.progress.finish();
        bar = { stage, progress: startProgress(stage, total, "done") };
      }
      bar.progress.update(done);
    },
  }).finally(() => bar?.progress.finish());
  const { report, latency, search, warnings } = result;
  warnings.push(...fewImagesWarning(images.length));
  if (options.report)
    await writeFile(options.report, /\.html?$/i.test(options.report) ? renderReport(report) : JSON.stringify(report, null, 2));
  const tooMuch = options.maxDrop !== undefined && report.accuracy?.some(({ drop }) => drop > options.maxDrop!);
  output.result(
    {
      out: options.out,
      sha256: report.result.sha256,
      sizeBytes: report.result.sizeBytes,
      sizeBytesBefore: report.model.sizeBytes,
      target: report.target,
      method: report.method,
      refinement: report.refinement,
      weightBits,
      calibrationImages: report.calibration.images,
      headSqnrDb: report.headSqnrDb,
      detectionSqnrDb: report.detectionSqnrDb,
      layers: layerCounts(report),
      accuracy: report.accuracy,
      latency: report.latency && { ...report.latency, allIntegerMs: latency?.allIntegerMs ?? null },
      search: search && { met: search.met, steps: search.steps.length, floatLayers: search.chosen.floatGroups.length },
      report: options.report ?? null,
      warnings,
      seconds: Number(((performance.now() - started) / 1000).toFixed(1)),
    },
    () => textOf(report, options, warnings),
  );
  return tooMuch || (search && !search.met) ? exitCodes.checkFailed : exitCodes.done;
}

function checkOptions(options: QuantizeCommandOptions): void {
  const { maxDrop, maxLatency, dataset, groundTruth, mixedPrecision, half, target } = options;
  const bad = (message: string, hint: string): never => {
    throw new AppError("BAD_INPUT", message, { hint });
  };
  if (maxDrop !== undefined && (!dataset || mixedPrecision === "off"))
    bad(
      "--max-drop needs a labelled data set and mixed precision",
      "Give --dataset, --ground-truth and --format, and leave --mixed-precision at auto.",
    );
  if (maxLatency !== undefined && (!takesLatencyBudget(options) || maxDrop !== undefined))
    bad(
      "--max-latency is measured on this host, and is the one budget",
      "Leave --target at onnxruntime and --mixed-precision at auto, and give neither --no-host-latency nor --max-drop.",
    );
  if ((dataset === undefined) !== (groundTruth === undefined)) bad("--dataset and --ground-truth go together", "Give both, or neither.");
  if (half && target !== "tensorrt")
    bad("--half is for TensorRT", "ONNX Runtime on a CPU computes FP16 as FP32. Add --target tensorrt, or leave --half out.");
}

async function judgeOf(options: QuantizeCommandOptions): Promise<AccuracyJudge> {
  const whole = await readDataset({ format: options.format, images: options.dataset!, groundTruth: options.groundTruth!, imageSize });
  return new AccuracyJudge(options.datasetSamples ? sampleImages(whole, options.datasetSamples) : whole, Math.min(4, usableCores()));
}

function textOf(report: QuantizationReport, { out, report: page }: QuantizeCommandOptions, warnings: readonly string[]): string {
  const { model, result, latency, accuracy } = report;
  const lines = [
    `${model.name}${model.family ? ` (${model.family})` : ""} → ${out}: ${bytes(model.sizeBytes)} → ${bytes(result.sizeBytes)}`,
    `${report.target}, ${report.method}, ${report.calibration.images} images, refinement ${report.refinement}, ${weightBitsText(report.weightBits)}`,
    Object.entries(layerCounts(report))
      .map(([what, number]) => `${number} ${what}`)
      .join(" · "),
  ];
  const sqnr = [
    ...(report.detectionSqnrDb === null ? [] : [`of the detections ${report.detectionSqnrDb.toFixed(1)} dB`]),
    ...(report.headSqnrDb === null ? [] : [`at the heads ${report.headSqnrDb.toFixed(1)} dB`]),
  ];
  if (sqnr.length > 0) lines.push(`SQNR ${sqnr.join(", ")}`);
  if (latency)
    lines.push(
      `one image on one thread: FP32 ${latency.floatMs.toFixed(1)} ms, INT8 ${latency.quantisedMs.toFixed(1)} ms, ${latency.speedup.toFixed(2)}×`,
    );
  if (accuracy) {
    const points = (title: string, of: (row: AccuracyReport) => number) => ({
      title,
      of: (row: AccuracyReport) => of(row).toFixed(2),
      align: "right" as const,
    });
    lines.push(
      "",
      table(
        accuracy,
        [
          { title: "AP", of: ({ metric }) => metric },
          points("FP32", ({ float }) => float),
          points("INT8", ({ quantised }) => quantised),
          points("DROP", ({ drop }) => drop),
        ],
        "",
      ),
    );
  }
  if (page) lines.push("", `report: ${page}`);
  for (const warning of warnings) lines.push("", `warning: ${warning}`);
  return lines.join("\n");
}
