import { z } from "zod";
import { artifactRefSchema } from "../domain/artifact.ts";
import { bytesSchema } from "../domain/bytes.ts";
import {
  cameraIdSchema,
  cameraPrioritySchema,
  cameraStatusSchema,
  latencyBudgetSchema,
  stillFpsSchema,
  streamProbeSchema,
  transportSchema,
} from "../domain/camera.ts";
import { detectionRecordSchema } from "../domain/detection.ts";
import { errorInfoSchema } from "../domain/error-info.ts";
import { jobKindSchema, jobOutcomeSchema, jobProgressSchema, jobRunSchema } from "../domain/job.ts";
import { modelInfoSchema } from "../domain/model.ts";
import { labelSchema } from "../domain/placement.ts";
import { shadowExampleSchema, shadowReportSchema } from "../domain/shadow.ts";
import { hostReportSchema, workerLoadSchema } from "../domain/worker.ts";
import { frameSizeSchema } from "../planning/frame-size.ts";
import type { Catalogue } from "./catalogue.ts";
import { packedFramesSchema } from "./live-frame.ts";

/** Namespace of workers. Auth: `{ token, protocol }` in the handshake. */
export const WORKER_NAMESPACE = "/worker";

const resultOf = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion("ok", [z.object({ ok: z.literal(true), value }), z.object({ ok: z.literal(false), error: errorInfoSchema })]);

/** Counters that only grow while the worker process lives; the gateway adds up differences. */
export const workerTotalsSchema = z.object({
  framesDecoded: z.number(),
  framesInferred: z.number(),
  framesDropped: z.number(),
  detections: z.number(),
});

/** Histogram of stage seconds with fixed bounds, cumulative since the worker started. */
export const stageHistogramSchema = z.object({ stage: z.string(), counts: z.array(z.number()), sum: z.number() });

/** A run of encoded video in decode order, for a browser's VideoDecoder. */
export const videoChunkSchema = z.object({
  cameraId: cameraIdSchema,
  /** Changes when the source was reopened: the decoder must be configured anew. */
  streamId: z.string(),
  /** WebCodecs codec string, e.g. avc1.64001f. */
  codec: z.string(),
  /** avcC/hvcC box where packets are length-prefixed; absent for Annex B. */
  description: bytesSchema.nullable(),
  width: z.number().int(),
  height: z.number().int(),
  packets: z.array(z.object({ ptsMs: z.number(), key: z.boolean(), data: bytesSchema })),
});
export type VideoChunk = z.infer<typeof videoChunkSchema>;

/** A profile's file that a camera runs on. */
export const promotedModelSchema = artifactRefSchema.extend({
  profileId: z.uuid(),
  name: z.string(),
  /** Largest pictures that are to be decoded for it. */
  decodeSize: frameSizeSchema.nullable(),
});
export type PromotedModel = z.infer<typeof promotedModelSchema>;

export const assignedCameraSchema = z.object({
  id: cameraIdSchema,
  name: z.string(),
  /** Rises each time the camera is given to a worker; a worker with an older epoch must stop it. */
  epoch: z.number().int(),
  /** With its password: goes to workers only. */
  url: z.string(),
  substreamUrl: z.string().nullable(),
  transport: transportSchema,
  detectFps: z.number(),
  confidence: z.number(),
  /** Names of the classes that are reported; empty: all that the model knows. */
  classes: z.array(z.string()).default([]),
  priority: cameraPrioritySchema,
  stillFps: stillFpsSchema,
  latencyBudgetMs: latencyBudgetSchema.default(null),
  /** The promoted profile's file; null: the worker's own model. */
  model: promotedModelSchema.nullable(),
  shadow: promotedModelSchema.extend({ promotionId: z.uuid(), share: z.number().gt(0).max(1) }).nullable(),
});
export type AssignedCamera = z.infer<typeof assignedCameraSchema>;

export const workerToGateway = {
  hello: {
    payload: z.object({
      protocol: z.number().int(),
      workerId: z.string().min(1).max(100),
      /** Made anew by each process: totals start at nought with it. */
      bootId: z.string(),
      name: z.string().min(1).max(100),
      version: z.string(),
      host: hostReportSchema,
      model: modelInfoSchema,
      labels: z.array(labelSchema).max(50),
      /** Kinds of jobs that it takes, and the runs that it is at or whose outcome nobody has taken yet. */
      jobKinds: z.array(jobKindSchema),
      jobs: z.array(jobRunSchema),
    }),
    ack: resultOf(z.object({ serverTime: z.number() })),
  },
  /** At least once, in order; ids make a repeat harmless. Not ok: keep them and try again. */
  detections: {
    payload: z.object({ records: z.array(detectionRecordSchema).max(500) }),
    ack: resultOf(z.null()),
  },
  telemetry: {
    payload: z.object({
      /** By the worker's clock, Unix ms; absent from workers that are older than this field. */
      sentAt: z.number().optional(),
      /** Of the others nothing is new. */
      cameras: z.array(cameraStatusSchema),
      load: workerLoadSchema,
      totals: workerTotalsSchema,
      stages: z.array(stageHistogramSchema),
      shadows: z.array(shadowReportSchema),
    }),
  },
  /** Now and then, of those that there are; may be lost. */
  shadowExample: { payload: shadowExampleSchema },
  /** It is about to end: acknowledged once its cameras run elsewhere, or cannot. */
  leaving: { payload: z.object({}), ack: resultOf(z.object({ moved: z.number().int() })) },
  /** Of cameras that somebody watches, as they come; some together. */
  frames: { payload: packedFramesSchema },
  video: { payload: videoChunkSchema },
  jobProgress: { payload: jobRunSchema.extend({ progress: jobProgressSchema, log: z.array(z.string().max(2000)).max(100) }) },
  /** Until it is acknowledged; ok also where the run does not count any more, since it may be forgotten then. */
  jobEnded: {
    payload: jobRunSchema.extend({ outcome: jobOutcomeSchema }),
    ack: resultOf(z.object({ taken: z.boolean() })),
  },
} as const satisfies Catalogue;
export type WorkerToGateway = typeof workerToGateway;

export const gatewayToWorker = {
  /** The whole desired state; the worker reconciles. */
  assignment: {
    payload: z.object({
      cameras: z.array(assignedCameraSchema),
      /** Models of cameras that run elsewhere and may come here: what they need is to be there before. */
      prepare: z.array(promotedModelSchema).default([]),
    }),
    ack: resultOf(z.object({ running: z.number().int() })),
  },
  /** Which cameras someone looks at now, and in how many seconds each of the others is to be told of; the whole state. */
  watch: {
    payload: z.object({
      frames: z.array(cameraIdSchema),
      previews: z.array(cameraIdSchema),
      videos: z.array(cameraIdSchema),
      statusEvery: z.number().int().min(1),
    }),
  },
  probe: {
    payload: z.object({ url: z.string(), transport: transportSchema }),
    ack: resultOf(streamProbeSchema.extend({ snapshot: bytesSchema.nullable() })),
  },
  /** A run that it is at already is not begun again. Not ok: it cannot, and another worker may be asked. */
  startJob: {
    payload: jobRunSchema.extend({ kind: jobKindSchema, payload: z.unknown() }),
    ack: resultOf(z.object({ running: z.number().int() })),
  },
  cancelJob: { payload: jobRunSchema, ack: resultOf(z.object({ known: z.boolean() })) },
} as const satisfies Catalogue;
export type GatewayToWorker = typeof gatewayToWorker;

/** Upper bounds in seconds of `octet_stage_seconds`. */
export const STAGE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5] as const;
