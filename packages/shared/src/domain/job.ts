import { z } from "zod";
import { frameSizeSchema } from "../planning/frame-size.ts";
import { artifactRefSchema, sha256Schema } from "./artifact.ts";
import { classCountsSchema, datasetImageSchema, datasetLayoutSchema, datasetManifestSchema, datasetPathSchema } from "./dataset.ts";
import { errorInfoSchema } from "./error-info.ts";
import { detectorFamilySchema, licenceSchema, modelCostSchema } from "./model.ts";
import { benchmarkResultSchema, buildOptionsSchema, quantizationTargetSchema, validationResultSchema } from "./profile.ts";

export const jobIdSchema = z.uuid();

export const jobStateSchema = z.enum(["queued", "running", "done", "failed", "cancelled"]);
export type JobState = z.infer<typeof jobStateSchema>;

/**
 * What a worker can be asked to do: a name, what goes in and what comes out. A payload names files by their hash, so that a
 * repeat of a job has the same inputs to the byte.
 */
export const jobDefinitions = {
  /** Reads an uploaded file and says which detector it is: a hostile file is opened on a worker, never in the web process. */
  inspect: {
    payload: z.object({
      model: artifactRefSchema.extend({ name: z.string() }),
      /** What the person who uploads it says of it; empty where they say nothing. */
      stated: z.object({ licence: z.string(), origin: z.string(), notes: z.string() }),
    }),
    result: z.object({
      family: detectorFamilySchema,
      inputWidth: z.number().int().positive(),
      inputHeight: z.number().int().positive(),
      /** Largest batch that one run accepts; null where the batch dimension is symbolic. */
      maxBatch: z.number().int().positive().nullable(),
      classes: z.array(z.string().max(200)).max(1000),
      precision: z.enum(["fp32", "fp16", "int8"]),
      /** What is known of the file; the name "unknown" where nothing is. */
      licence: licenceSchema,
      /** Nodes of the graph. */
      operators: z.number().int().nonnegative(),
      opset: z.number().int().positive(),
      /** Null where a layer's size is not known without running it. */
      cost: modelCostSchema.nullable().default(null),
    }),
  },
  /** Makes a profile's file of a model: FP16 or INT8. */
  build: {
    payload: z.object({
      model: artifactRefSchema.extend({ name: z.string() }),
      options: buildOptionsSchema,
      /** Manifest of the calibration set; null for FP16. */
      calibration: artifactRefSchema.nullable(),
    }),
    result: z.object({
      artifact: artifactRefSchema,
      /** JSON of `@octet/quantize/analyse/report`, and the same as a page; null for FP16. */
      report: artifactRefSchema.nullable(),
      reportPage: artifactRefSchema.nullable(),
      /** What was chosen, for the profile's table. */
      summary: z.record(z.string(), z.unknown()),
      warnings: z.array(z.string()),
      tool: z.string(),
    }),
  },
  /** Accuracy of a model against its float reference on a validation set. */
  validate: {
    payload: z.object({
      subject: artifactRefSchema.extend({ name: z.string() }),
      reference: artifactRefSchema.extend({ name: z.string() }),
      dataset: artifactRefSchema,
      /** Which version that manifest is meant as: two data sets may hold the same files. */
      datasetVersionId: z.uuid().nullable().default(null),
      threshold: z.number().min(0).max(1).default(0.5),
      /** What the subject is made for; null: for nothing in particular. */
      target: quantizationTargetSchema.nullable().default(null),
      /** The reference's own detections serve as labels: for frames of one's own cameras. */
      pseudoLabels: z.boolean().default(false),
    }),
    result: validationResultSchema,
  },
  /** Latency, throughput and streams of a model on the worker's host. */
  benchmark: {
    payload: z.object({
      subject: artifactRefSchema.extend({ name: z.string() }),
      reference: artifactRefSchema.extend({ name: z.string() }).nullable(),
      /** What the subject is made for; null: for nothing in particular. */
      target: quantizationTargetSchema.nullable().default(null),
      batches: z.array(z.number().int().min(1).max(256)).min(1).default([1]),
      seconds: z.number().min(0.2).max(60).default(2),
      streams: z
        .object({
          count: z.number().int().min(1).max(500),
          fps: z.number().min(0.1).max(60),
          decode: z.boolean(),
          /** Of the clip that is decoded: the profile's; null: of whichever clip the worker has. */
          decodeSize: frameSizeSchema.nullable().default(null),
          budgetMs: z.number(),
          /** How long the streams that are held go on, to see whether memory grows; 0: not at all. */
          soakSeconds: z.number().min(0).max(86_400).default(0),
        })
        .nullable(),
    }),
    result: benchmarkResultSchema,
  },
  /** Reads what was uploaded as a data set: checks it, and looks at its images. */
  import: {
    payload: z.object({
      layout: datasetLayoutSchema,
      /** Folder of the images, and file or folder of the labels (null for layout `images`), inside the files. */
      images: datasetPathSchema.nullable(),
      groundTruth: datasetPathSchema.nullable(),
      files: z.array(artifactRefSchema.extend({ path: datasetPathSchema })),
      /** A zip archive instead of files. */
      archive: artifactRefSchema.nullable(),
    }),
    result: z.object({
      manifest: datasetManifestSchema,
      images: z.array(datasetImageSchema),
      labels: z.number().int(),
      classes: classCountsSchema.default([]),
      duplicates: z.number().int(),
      warnings: z.array(z.string()),
    }),
  },
  /** Frames of cameras that run on the worker, for a calibration set. */
  collect: {
    payload: z.object({
      /** Jobs of one collection, one a worker, each add to what the others found; null for one that needs one job. */
      collectionId: z.uuid().nullable().default(null),
      cameraIds: z.array(z.uuid()).min(1),
      /** One frame of each camera every so many seconds. */
      everySeconds: z.number().min(0.2).max(3600),
      /** For so long, seconds, or until there are `maxImages`. */
      forSeconds: z
        .number()
        .min(1)
        .max(7 * 86_400),
      maxImages: z.number().int().min(1).max(20_000),
      faces: z.enum(["any", "with", "without"]).default("any"),
      /** `light`: to the end, and as evenly over the brightness of the frames as what comes allows. */
      spread: z.enum(["none", "light"]).default("none"),
      /** Frames that differ in fewer bits from one that is kept are left out. */
      minHashDistance: z.number().int().min(0).max(64).default(5),
    }),
    result: z.object({ images: z.array(datasetImageSchema), seen: z.number().int(), duplicates: z.number().int() }),
  },
} as const;

export type JobKind = keyof typeof jobDefinitions;
export const jobKinds = Object.keys(jobDefinitions) as [JobKind, ...JobKind[]];
export const jobKindSchema = z.enum(jobKinds);

/** These take little and run beside others; of the rest, a worker runs one at a time. */
export const lightJobKinds: ReadonlySet<JobKind> = new Set<JobKind>(["inspect", "collect"]);

export type JobPayload<K extends JobKind> = z.output<(typeof jobDefinitions)[K]["payload"]>;
export type JobResult<K extends JobKind> = z.output<(typeof jobDefinitions)[K]["result"]>;

export const jobProgressSchema = z.object({
  /** 0–100 */
  percent: z.number().min(0).max(100),
  stage: z.string(),
  /** Steps of the stage a second; null where a stage has none. */
  ratePerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
});
export type JobProgress = z.infer<typeof jobProgressSchema>;

/** One attempt at a job. */
export const jobRunSchema = z.object({ jobId: jobIdSchema, attempt: z.number().int().min(1) });
export type JobRun = z.infer<typeof jobRunSchema>;

export const jobOutcomeSchema = z.discriminatedUnion("state", [
  z.object({ state: z.literal("done"), result: z.unknown() }),
  z.object({ state: z.literal("failed"), error: errorInfoSchema }),
  z.object({ state: z.literal("cancelled") }),
]);
export type JobOutcome = z.infer<typeof jobOutcomeSchema>;

/** As people and programs see a job. */
export const jobSchema = jobProgressSchema.extend({
  id: jobIdSchema,
  kind: jobKindSchema,
  state: jobStateSchema,
  /** What it is about, for people. */
  title: z.string(),
  attempt: z.number().int(),
  workerId: z.string().nullable(),
  /** The only one that may run it; null: any. */
  onWorkerId: z.string().nullable().default(null),
  /** The profile or data set that its outcome goes to. */
  subjectId: z.uuid().nullable(),
  error: errorInfoSchema.nullable(),
  /** Hash over kind and payload: equal jobs have equal results. */
  inputHash: sha256Schema,
  createdAt: z.coerce.date(),
  startedAt: z.coerce.date().nullable(),
  endedAt: z.coerce.date().nullable(),
});
export type Job = z.infer<typeof jobSchema>;
