import { copyFile } from "node:fs/promises";
import { checkModelFile } from "@octet/inference/file-check";
import { exactWeightBits } from "@octet/inference/integer-kernels";
import type { QuantizationReport } from "@octet/quantize/analyse/report";
import type { BuildOptions } from "@octet/shared/domain/profile";
import { weightBitsText } from "@octet/shared/domain/weight-bits";
import { AppError } from "@octet/shared/errors";
import { convertModel } from "../convert/convert-model.ts";
import { checkQdqModel } from "../quantize/check-qdq-model.ts";
import { layerCounts } from "../quantize/layer-counts.ts";
import { quantizeFile } from "../quantize/quantize-file.ts";

export interface BuildRequest {
  /** Path of the model. */
  model: string;
  /** Path of the file that is made. */
  out: string;
  options: BuildOptions;
  /** Paths of calibration images: already as many as are to be used. With some, FP16 keeps in float32 what leaves float16's range. */
  images: readonly string[];
  tool: string;
  onProgress(stage: string, done: number, total: number): void;
  signal?: AbortSignal;
}

export interface BuiltProfile {
  /** What was chosen and measured; plain JSON. */
  summary: Record<string, unknown>;
  /** null where nothing was quantised here. */
  report: QuantizationReport | null;
  warnings: string[];
}

/** Below it layers stay float: see docs/quantization.md. */
export const MIN_SQNR_DB = { detections: 24, heads: 28 };
/** Ranges from fewer images are a guess. */
const FEW_IMAGES = 32;

export const fewImagesWarning = (count: number): string[] =>
  count < FEW_IMAGES
    ? [
        `Only ${count} calibration ${count === 1 ? "image" : "images"}: ranges from so few are a guess. Give some hundreds, from the cameras that will run it.`,
      ]
    : [];

/**
 * Makes a profile's file: the model itself for FP32, its FP16 form, its INT8 form after calibration, or, for a model that was
 * trained with quantisation, a check of what came. Equal inputs give equal bytes unless `summary.hostDependent` names what was
 * measured or chosen by this host.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_UNRECOGNISED, CALIBRATION_EMPTY, DATASET_INVALID,
 * INFERENCE_FAILED, UNSUPPORTED
 */
export async function buildProfile(request: BuildRequest): Promise<BuiltProfile> {
  switch (request.options.precision) {
    case "fp32":
      return passThrough(request);
    case "fp16":
      return buildFp16(request);
    case "int8-ptq":
      return buildInt8(request);
    case "int8-qat":
      return importQat(request);
    default:
      throw new AppError("BAD_INPUT", `There is no precision "${request.options.precision satisfies never}"`);
  }
}

async function passThrough({ model, out }: BuildRequest): Promise<BuiltProfile> {
  const { size } = await checkModelFile(model);
  await copyFile(model, out);
  return { summary: { precision: "fp32", sizeBytes: size, sizeBytesBefore: size, hostDependent: [] }, report: null, warnings: [] };
}

async function buildFp16({ model, out, images, onProgress }: BuildRequest): Promise<BuiltProfile> {
  onProgress("converting", 0, 1);
  const { sizeBytes, sizeBytesBefore, converted, kept, casts, ranges } = await convertModel({
    model,
    out,
    keep: [],
    images,
    onImage: (done) => onProgress("observing ranges", done, images.length),
  });
  onProgress("converting", 1, 1);
  const reasons: Record<string, number> = {};
  for (const { reason } of kept) reasons[reason] = (reasons[reason] ?? 0) + 1;
  return {
    summary: {
      precision: "fp16",
      sizeBytes,
      sizeBytesBefore,
      converted,
      keptFloat32: kept.length,
      reasons,
      casts,
      ranges,
      hostDependent: [],
    },
    report: null,
    warnings: ranges
      ? fewImagesWarning(ranges.images)
      : [
          "Its values were not looked at: those beyond float16's 65504 become infinite. Give calibration images, or see what a validation says.",
        ],
  };
}

async function buildInt8({ model, out, options, images, tool, onProgress, signal }: BuildRequest): Promise<BuiltProfile> {
  if (images.length === 0)
    throw new AppError("CALIBRATION_EMPTY", "INT8 needs calibration images, and there are none", {
      hint: "Choose a calibration set: frames of the cameras that will run it.",
    });
  if (options.heads === "int8" && options.target === "tensorrt")
    throw new AppError("UNSUPPORTED", "For TensorRT detection heads stay in float", {
      hint: "Build it for ONNX Runtime to see what an INT8 head costs.",
    });
  const weightBits = options.weightBits ?? (options.target === "tensorrt" ? 8 : exactWeightBits());
  const { report, latency, search, warnings } = await quantizeFile({
    model,
    out,
    images,
    target: options.target,
    method: options.method,
    refine: options.refine,
    weightBits,
    quantizeHeads: options.heads === "int8",
    byLatency: options.hostLatency,
    half: false,
    judge: null,
    maxDrop: null,
    maxLatencyMs: options.maxLatencyMs,
    minSqnrDb: options.mixedPrecision === "auto" ? MIN_SQNR_DB : null,
    analyse: true,
    tool,
    // A report says what the inputs gave, so that a repeat gives the same report. When it was is the job's to tell.
    createdAt: "",
    onProgress,
    ...(signal ? { signal } : {}),
  });
  const layers = layerCounts(report);
  // It would be called INT8, compute as FP32 does, and pass every gate.
  if (!layers["int8"] && search?.met)
    throw new AppError("UNSUPPORTED", `FP32 keeps within ${options.maxLatencyMs} ms an image on this host: no layer needs to be INT8`, {
      hint: "Ask for less time, or leave the latency budget out.",
    });
  if (!layers["int8"])
    throw new AppError("UNSUPPORTED", `No layer of it stays INT8: ${keptText(layers)}`, {
      hint: "Give more calibration images, let the method be chosen, or quantise sensitive layers too and see what the validation says.",
    });
  return {
    summary: {
      precision: "int8-ptq",
      target: report.target,
      method: report.method,
      methodChosen: options.method === null,
      refinement: report.refinement,
      weightBits,
      calibrationImages: report.calibration.images,
      layers,
      headSqnrDb: report.headSqnrDb,
      detectionSqnrDb: report.detectionSqnrDb,
      latency: report.latency && { ...report.latency, allIntegerMs: latency?.allIntegerMs ?? null },
      sizeBytes: report.result.sizeBytes,
      sizeBytesBefore: report.model.sizeBytes,
      hostDependent: [
        ...(options.hostLatency && options.target === "onnxruntime" ? ["layers kept in float for speed, as measured on this host"] : []),
        ...(options.maxLatencyMs === null
          ? []
          : [`which layers are INT8: as few as take ${options.maxLatencyMs} ms an image on this host`]),
        ...(options.weightBits === null && options.target === "onnxruntime"
          ? [`${weightBitsText(weightBits)}, by this host's instruction set`]
          : []),
      ],
    },
    report,
    warnings: [...warnings, ...fewImagesWarning(images.length)],
  };
}

const keptText = (layers: Readonly<Record<string, number>>): string =>
  Object.entries(layers)
    .map(([kind, count]) => `${count} ${kind.replace(/^float: /, "kept for: ")}`)
    .join(", ");

async function importQat({ model, out, options, onProgress }: BuildRequest): Promise<BuiltProfile> {
  onProgress("checking", 0, 1);
  const { sizeBytes, quantizers, dequantizers, findings } = await checkQdqModel(model, options.target);
  await copyFile(model, out);
  onProgress("checking", 1, 1);
  const findingsBySeverity: Record<string, number> = {};
  for (const { severity } of findings) findingsBySeverity[severity] = (findingsBySeverity[severity] ?? 0) + 1;
  return {
    summary: {
      precision: "int8-qat",
      target: options.target,
      quantizers,
      dequantizers,
      findings: findingsBySeverity,
      sizeBytes,
      sizeBytesBefore: sizeBytes,
      hostDependent: [],
    },
    report: null,
    warnings: findings.map(({ severity, message }) => `TensorRT, ${severity}: ${message}`),
  };
}
