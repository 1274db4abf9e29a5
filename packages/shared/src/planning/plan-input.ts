import { z } from "zod";
import { fleetSchema } from "./fleet.ts";
import { frameSizeSchema, fullHd, pixels } from "./frame-size.ts";
import { codecSchema } from "./nvdec.ts";
import { precisionSchema } from "./precision.ts";

/**
 * What a smaller decode size means. "substream": the camera sends that size, so the decoder has fewer pixels to do
 * (what the published 70-stream verdicts rest on). "scaled": the full stream is decoded and scaled after, which saves
 * memory and bandwidth, but the decoder nothing.
 */
export const decodeModes = ["substream", "scaled"] as const;
export const decodeModeSchema = z.enum(decodeModes);
export type DecodeMode = z.infer<typeof decodeModeSchema>;

export const MOST_STREAMS = 100_000;

export const planInputSchema = z
  .object({
    /** Of the catalogue, or "this-host". */
    gpu: z.string().default("a10"),
    streams: z.number().int().min(1).max(MOST_STREAMS).default(70),
    codec: codecSchema.default("h264"),
    /** Of the cameras' main stream. */
    resolution: frameSizeSchema.default(fullHd),
    fps: z.number().min(0.1).max(240).default(25),
    /** Frames of each camera that are inferred, a second. */
    detectFps: z.number().min(0.1).max(240).default(5),
    /** Of the catalogue, or of `fleet.models`. */
    model: z.string().default("yolov5s-face"),
    precision: precisionSchema.default("int8"),
    decodeSize: frameSizeSchema.nullable().default(null),
    decodeMode: decodeModeSchema.default("substream"),
    /** Frames of one run; null: what suits the GPU. */
    batch: z.number().int().min(1).max(256).nullable().default(null),
    latencyTargetMs: z.number().min(1).max(60_000).default(200),
    decoderDelayFrames: z.number().int().min(0).max(16).default(0),
    /** Share of every resource that is to stay free. */
    reserve: z.number().min(0).max(0.9).default(0),
    /** Share of FP32's accuracy that must remain. */
    accuracy: z.number().min(0).max(1).default(0.95),
    fleet: fleetSchema.default({ inference: [], decode: [], models: [] }),
  })
  .refine(({ fps, detectFps }) => detectFps <= fps, {
    path: ["detectFps"],
    error: "More frames are to be detected than the camera sends",
  })
  .refine(({ resolution, decodeSize }) => !decodeSize || pixels(decodeSize) <= pixels(resolution), {
    path: ["decodeSize"],
    error: "The decode size is larger than the stream",
  });
export type PlanRequest = z.input<typeof planInputSchema>;
export type PlanInput = z.output<typeof planInputSchema>;
