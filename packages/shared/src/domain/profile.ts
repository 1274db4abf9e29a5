import { z } from "zod";
import { scoredBoxSchema } from "../boxes/scored-box.ts";
import { frameSizeSchema } from "../planning/frame-size.ts";
import { sha256Schema } from "./artifact.ts";
import { stageLatencySchema } from "./camera.ts";
import { weightBitsSchema } from "./weight-bits.ts";

export const precisionSchema = z.enum(["fp32", "fp16", "int8-ptq", "int8-qat"]);
export type Precision = z.infer<typeof precisionSchema>;

/**
 * draft → built → validated → benchmarked → shadow → promoted → retired; rejected from anywhere before promoted, with the
 * reason.
 */
export const profileStateSchema = z.enum(["draft", "built", "validated", "benchmarked", "shadow", "promoted", "retired", "rejected"]);
export type ProfileState = z.infer<typeof profileStateSchema>;

const next: Record<ProfileState, readonly ProfileState[]> = {
  draft: ["built", "rejected"],
  built: ["validated", "benchmarked", "rejected"],
  validated: ["benchmarked", "shadow", "promoted", "rejected"],
  benchmarked: ["validated", "shadow", "promoted", "rejected"],
  shadow: ["validated", "benchmarked", "promoted", "rejected"],
  promoted: ["retired"],
  retired: ["promoted", "shadow"],
  rejected: ["draft", "built"],
};

/** Whether a profile may go from one state to the other. */
export const mayBecome = (from: ProfileState, to: ProfileState): boolean => next[from].includes(to);

export const calibrationMethodSchema = z.enum(["minmax", "ema", "percentile", "entropy", "mse"]);
export const quantizationTargetSchema = z.enum(["onnxruntime", "tensorrt"]);
export type QuantizationTarget = z.infer<typeof quantizationTargetSchema>;

/** Whether INT8 may be built to a latency budget: both speed and accuracy of each layer must be measured, and decide. */
export function takesLatencyBudget(options: { target: QuantizationTarget; hostLatency: boolean; mixedPrecision: "off" | "auto" }): boolean {
  return options.target === "onnxruntime" && options.hostLatency && options.mixedPrecision === "auto";
}

/** How a profile's file is made of its model; what is null is left to the tool, which picks what measures best. */
export const buildOptionsSchema = z
  .object({
    precision: precisionSchema,
    target: quantizationTargetSchema.default("onnxruntime"),
    method: calibrationMethodSchema.nullable().default(null),
    refine: z.enum(["none", "bias", "adaround", "feedback"]).default("feedback"),
    weightBits: weightBitsSchema.nullable().default(null),
    mixedPrecision: z.enum(["off", "auto"]).default("auto"),
    /** The last convolutions, which predictions come out of: 8 bits cost most detectors their scores. */
    heads: z.enum(["float", "int8"]).default("float"),
    /** Leave in float what the building host runs faster so. */
    hostLatency: z.boolean().default(true),
    /**
     * ms of one image on one thread of the building host: as much stays float, what costs most accuracy first, as fits into that;
     * null: no such budget.
     */
    maxLatencyMs: z.number().min(0.001).max(60_000).nullable().default(null),
    /** Largest pictures that its cameras are to be decoded at; null: whatever they send. Nothing of the file depends on it. */
    decodeSize: frameSizeSchema.nullable().default(null),
    /** Calibration images that are used, evenly spread. */
    samples: z.number().int().min(1).max(10_000).default(1000),
  })
  .refine(
    ({ maxLatencyMs, precision, target, hostLatency, mixedPrecision }) =>
      maxLatencyMs === null || (precision === "int8-ptq" && takesLatencyBudget({ target, hostLatency, mixedPrecision })),
    "A latency budget is for INT8 on ONNX Runtime, where what the host runs faster in float, and what is sensitive, may stay float",
  );
export type BuildOptions = z.infer<typeof buildOptionsSchema>;

/** Accuracy figures of one model on one data set, in points (0–100) but for counts. */
export const accuracyFiguresSchema = z.object({
  /** easy, medium, hard for WIDER FACE's official files; ap and ap50 else. */
  ap: z.record(z.string(), z.number().nullable()),
  threshold: z.number(),
  precision: z.number(),
  recall: z.number(),
  /** Share of labelled faces that were not found. */
  missRate: z.number(),
  /** Share of detections that are no face. */
  falsePositiveRate: z.number(),
  images: z.number().int(),
  faces: z.number().int(),
});
export type AccuracyFigures = z.infer<typeof accuracyFiguresSchema>;

export const validationResultSchema = z.object({
  subject: accuracyFiguresSchema,
  reference: accuracyFiguresSchema,
  /** Points lost against the reference by figure, with a 95 % interval of a paired bootstrap over images. */
  drop: z.record(z.string(), z.object({ points: z.number(), low: z.number(), high: z.number() })),
  /** Share of the reference's AP that is kept, percent, of the figure that kept least. */
  keptPercent: z.number(),
  /** The images on which the two disagree most, worst first; boxes are fractions of the image. */
  disagreements: z.array(
    z.object({
      path: z.string(),
      sha256: sha256Schema,
      /** Detections of one that the other lacks at IoU 0.5, both ways. */
      disagreement: z.number(),
      reference: z.array(scoredBoxSchema),
      subject: z.array(scoredBoxSchema),
    }),
  ),
  pseudoLabels: z.boolean(),
  /** How many of these images the subject was calibrated on too, byte for byte; null where nobody looked. */
  calibratedOn: z.number().int().nullable().default(null),
});
export type ValidationResult = z.infer<typeof validationResultSchema>;

const latencySchema = z.object({ p50: z.number(), p95: z.number(), p99: z.number(), mean: z.number() });

const decodedClipSchema = frameSizeSchema.extend({
  /** FFmpeg's name. */
  codec: z.string(),
  /** As the clip declares; 0 where it does not. */
  fps: z.number(),
  /** Size of the clip that it was made of; null where it was taken as it is. */
  scaledFrom: frameSizeSchema.nullable(),
});

export const benchmarkResultSchema = z.object({
  host: z.object({ hostname: z.string(), cpu: z.string(), cores: z.number().int(), gpu: z.string().nullable() }),
  provider: z.string(),
  threads: z.number().int(),
  /** ms of one run. */
  batches: z.array(z.object({ batch: z.number().int(), latencyMs: latencySchema, imagesPerSecond: z.number() })),
  modelBytes: z.number(),
  /** Resident, of the process. */
  peakMemoryBytes: z.number(),
  /** Most that was in use on the GPU meanwhile, by whatever ran there; null without one, and of results older than this field. */
  peakGpuMemoryBytes: z.number().nullable().default(null),
  /** null where the host cannot tell. */
  powerWatts: z.number().nullable(),
  utilisationPercent: z.number().nullable(),
  /** The same of the profile to compare with, measured in turns; null without one. */
  reference: z
    .object({
      latencyMs: latencySchema,
      imagesPerSecond: z.number(),
      /** Median of the rounds. */
      speedup: z.number(),
      /** Least and most of the rounds: how far the host's noise reaches; null of results older than this field. */
      speedupRange: z.tuple([z.number(), z.number()]).nullable().default(null),
    })
    .nullable(),
  streams: z
    .object({
      asked: z.number().int(),
      fps: z.number(),
      decode: z.boolean(),
      /** What each stream decoded; null where none did, and of results that are older than this field. */
      clip: decodedClipSchema.nullable().default(null),
      budgetMs: z.number(),
      /** Most streams whose p99 stayed within the budget with every frame inferred. */
      held: z.number().int(),
      steps: z.array(
        z.object({
          streams: z.number().int(),
          p50: z.number(),
          p95: z.number(),
          p99: z.number(),
          droppedPercent: z.number(),
          held: z.boolean(),
          /** Where the time went; empty in results that are older than this field. */
          stages: stageLatencySchema.default({}),
        }),
      ),
      /** Resident memory while as many streams as were held went on; null where that was not asked for, or none was held. */
      soak: z
        .object({
          streams: z.number().int(),
          seconds: z.number(),
          /** Evenly spread over the time. */
          rssBytes: z.array(z.number()).min(2),
          /** Slope of a straight line through the second half of it, when what is made once has been made. */
          growthBytesPerMinute: z.number(),
          p99: z.number(),
          droppedPercent: z.number(),
        })
        .nullable()
        .default(null),
    })
    .nullable(),
});
export type BenchmarkResult = z.infer<typeof benchmarkResultSchema>;

/**
 * What a profile must show before it may be promoted. Defaults: the document's ("below 95 %, retrain") and Octet's aim. What one
 * host is to carry is the site's to say: null asks nothing.
 */
export const gateSchema = z.object({
  /** Percent of the FP32 model's AP, of every figure. */
  minKeptPercent: z.number().min(0).max(100).default(95),
  /** Points of AP against FP32, of every figure. */
  maxDropPoints: z.number().min(0).max(100).default(1),
  /** Latency over that of the profile that it replaces. */
  maxLatencyRatio: z.number().positive().default(1),
  /** Streams that the benchmark's host must hold: p99 within the budget, every frame inferred. */
  minStreams: z.number().int().min(1).nullable().default(null),
  /** For how long streams must have gone on, s. */
  minSoakSeconds: z.number().int().min(1).nullable().default(null),
  /** Growth of resident memory meanwhile, MiB an hour. */
  maxGrowthMiBPerHour: z.number().min(0).nullable().default(null),
});
export type Gate = z.infer<typeof gateSchema>;

export const gateFindingSchema = z.object({
  check: z.enum([
    "accuracy-kept",
    "accuracy-drop",
    "latency",
    "validated",
    "benchmarked",
    "independent",
    "streams",
    "soak",
    "memory-growth",
  ]),
  passed: z.boolean(),
  measured: z.number().nullable(),
  limit: z.number().nullable(),
  /** For people. */
  message: z.string(),
});
export type GateFinding = z.infer<typeof gateFindingSchema>;
