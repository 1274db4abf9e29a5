import { z } from "zod";
import { bytesSchema } from "./bytes.ts";
import { cameraIdSchema, stageNames } from "./camera.ts";

/** Top-left corner and size as fractions (0–1) of the source frame. */
export const boxSchema = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
export type Box = z.infer<typeof boxSchema>;

export const detectionSchema = z.object({
  box: boxSchema,
  /** 0–1 */
  score: z.number(),
  label: z.string(),
  /** x,y pairs as fractions of the frame: eyes, nose, mouth corners where the model gives them. */
  landmarks: z.array(z.number()).nullable(),
  /** Stays with one object over frames of one camera run; null until the track is confirmed. */
  trackId: z.number().int().nullable(),
});
export type Detection = z.infer<typeof detectionSchema>;

/** Milliseconds spent in each stage by one frame. */
export const stageTimesSchema = z
  .object(Object.fromEntries(stageNames.map((name) => [name, z.number().min(0)])) as Record<(typeof stageNames)[number], z.ZodNumber>)
  // Spools of workers from before this stage do not have it.
  .extend({ network: z.number().min(0).default(0) });
export type StageTimes = z.infer<typeof stageTimesSchema>;

/** A frame that was inferred: what it is, when it was, what was found in it. */
export const inferredFrameSchema = z.object({
  cameraId: cameraIdSchema,
  /** Counts inferred frames of one opening of the source. */
  seq: z.number().int().min(0),
  /** Presentation time in the stream, ms from the stream's first packet. */
  ptsMs: z.number(),
  /** Wall clock at which the frame's packet could have been here, Unix ms: when it arrived, less the `network` stage. */
  capturedAt: z.number(),
  /** Source frame size in pixels. */
  width: z.number().int(),
  height: z.number().int(),
  detections: z.array(detectionSchema),
  stages: stageTimesSchema,
});
export type InferredFrame = z.infer<typeof inferredFrameSchema>;

/** An inferred frame with at least one detection, on its way to the database. */
export const detectionRecordSchema = inferredFrameSchema.extend({
  /** UUIDv7 made once by the worker: a repeat of the same id is stored once. */
  frameId: z.uuid(),
  workerId: z.string(),
  modelId: z.string(),
  /** Of the lease under which its worker ran the camera; null: of a worker that knew none. */
  epoch: z.number().int().nullable().default(null),
  /** W3C `traceparent` where this frame is traced. */
  trace: z.string().max(100).nullish(),
  /** JPEG crops of detections (by index in `detections`): the first good look at each track. */
  thumbnails: z.array(z.object({ index: z.number().int(), jpeg: bytesSchema })),
});
export type DetectionRecord = z.infer<typeof detectionRecordSchema>;

/** A stored detection as lists show it. `thumbnail` is a path on the server, or null. */
export const storedDetectionSchema = z.object({
  id: z.string(),
  cameraId: cameraIdSchema,
  cameraName: z.string(),
  capturedAt: z.coerce.date(),
  trackId: z.number().nullable(),
  label: z.string(),
  score: z.number(),
  box: boxSchema,
  modelId: z.string(),
  latencyMs: z.number(),
  thumbnail: z.string().nullable(),
});
export type StoredDetection = z.infer<typeof storedDetectionSchema>;

export const detectionFilterSchema = z.object({
  cameraIds: z.array(cameraIdSchema).optional(),
  from: z.coerce.date().optional(),
  to: z.coerce.date().optional(),
  minScore: z.number().min(0).max(1).optional(),
  /** One row per track: its detection with a thumbnail. */
  tracksOnly: z.boolean().default(false),
  limit: z.number().int().min(1).max(200).default(50),
  /** From the previous page's `nextCursor`. */
  cursor: z.string().nullish(),
});
export type DetectionFilter = z.input<typeof detectionFilterSchema>;
