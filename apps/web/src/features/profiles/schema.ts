import { buildOptionsSchema } from "@octet/shared/domain/profile";
import { z } from "zod";

export const profileRefSchema = z.object({ id: z.uuid() });

/** Id of the only worker that may do it, such as the host of the GPU in question; null: whichever fits. */
const onWorkerSchema = z.string().min(1).max(100).nullable().default(null);

export const profileCreateSchema = z.object({
  modelId: z.uuid(),
  /** Default: made of the model's name and the options. */
  name: z.string().trim().min(1).max(120).optional(),
  options: buildOptionsSchema,
  /** Version of a calibration set; INT8 by PTQ needs one. */
  calibrationVersionId: z.uuid().nullable().default(null),
  onWorkerId: onWorkerSchema,
});
export type ProfileCreate = z.output<typeof profileCreateSchema>;

/** A Q/DQ model that was trained elsewhere, uploaded as an artifact. */
export const profileImportSchema = z.object({
  modelId: z.uuid(),
  name: z.string().trim().min(1).max(120),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  target: z.enum(["onnxruntime", "tensorrt"]).default("onnxruntime"),
});

export const profileValidateSchema = profileRefSchema.extend({
  datasetVersionId: z.uuid(),
  threshold: z.number().min(0).max(1).default(0.5),
  onWorkerId: onWorkerSchema,
});

export const profileBenchmarkSchema = profileRefSchema.extend({
  onWorkerId: onWorkerSchema,
  batches: z.array(z.number().int().min(1).max(256)).min(1).default([1]),
  seconds: z.number().min(0.2).max(60).default(2),
  streams: z
    .object({
      count: z.number().int().min(1).max(500).default(70),
      fps: z.number().min(0.1).max(60).default(5),
      decode: z.boolean().default(false),
      budgetMs: z.number().min(1).default(200),
      soakSeconds: z.number().min(0).max(86_400).default(10),
    })
    .nullable()
    .default(null),
});

export const scopeSchema = z.discriminatedUnion("scope", [
  z.object({ scope: z.literal("site") }),
  z.object({ scope: z.literal("tag"), value: z.string().trim().min(1).max(60) }),
  z.object({ scope: z.literal("camera"), value: z.uuid() }),
]);
export type Scope = z.output<typeof scopeSchema>;

export const promoteSchema = profileRefSchema.extend({
  where: scopeSchema.default({ scope: "site" }),
  /** Why it is promoted although the gate says no; needs an admin. */
  overrideReason: z.string().trim().min(10, "Say in a sentence why").max(1000).nullable().default(null),
});

export const shadowSchema = profileRefSchema.extend({
  where: scopeSchema.default({ scope: "site" }),
  share: z.number().gt(0).max(1).default(0.2),
});

export const rejectSchema = profileRefSchema.extend({ reason: z.string().trim().min(3, "Say why").max(1000) });
export const promotionRefSchema = z.object({ promotionId: z.uuid() });
