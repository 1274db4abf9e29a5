import { z } from "zod";
import { cameraKindSchema, cameraKindShape, decodesWhatIsSent, detectsWhatIsSent } from "./camera-kind.ts";
import { fleetSchema } from "./fleet.ts";
import { precisionSchema } from "./precision.ts";

/** Kinds of cameras beside the first that a plan takes. */
export const MOST_OTHER_KINDS = 20;

export const planInputSchema = z
  .object({
    /** Of the catalogue, or "this-host". */
    gpu: z.string().default("a10"),
    ...cameraKindShape,
    /** Cameras of other kinds on the same device. */
    others: z.array(cameraKindSchema).max(MOST_OTHER_KINDS).default([]),
    /** Of the catalogue, or of `fleet.models`. */
    model: z.string().default("yolov5s-face"),
    precision: precisionSchema.default("int8"),
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
  .refine(...detectsWhatIsSent)
  .refine(...decodesWhatIsSent);
export type PlanRequest = z.input<typeof planInputSchema>;
export type PlanInput = z.output<typeof planInputSchema>;
