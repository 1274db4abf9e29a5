import { z } from "zod";
import { percentilesSchema } from "../domain/camera.ts";
import { licenceSchema } from "../domain/model.ts";
import {
  benchmarkResultSchema,
  buildOptionsSchema,
  gateFindingSchema,
  gateSchema,
  precisionSchema,
  validationResultSchema,
} from "../domain/profile.ts";

const datasetSchema = z.object({ name: z.string(), version: z.number().int(), images: z.number().int(), manifestSha256: z.string() });

/** All that an acceptance report says of a profile: what it is, what was measured, where and when. Nothing in it is estimated. */
export const acceptanceFactsSchema = z.object({
  createdAt: z.coerce.date(),
  /** Octet's version, and the server's address or the folder that the facts are from. */
  tool: z.string(),
  source: z.string(),
  profile: z.object({
    name: z.string(),
    precision: precisionSchema,
    state: z.string(),
    reason: z.string().nullable(),
    sha256: z.string().nullable(),
    sizeBytes: z.number().nullable(),
    builtBy: z.string().nullable(),
    createdAt: z.coerce.date(),
    options: buildOptionsSchema,
    warnings: z.array(z.string()),
  }),
  model: z.object({
    name: z.string(),
    family: z.string(),
    sha256: z.string(),
    sizeBytes: z.number(),
    inputWidth: z.number(),
    inputHeight: z.number(),
    licence: licenceSchema,
  }),
  /** null where none was needed. */
  calibration: datasetSchema.nullable(),
  validation: z
    .object({
      at: z.coerce.date(),
      /** null where the set was removed since. */
      dataset: datasetSchema.nullable(),
      result: validationResultSchema,
      /** Images of the validation set that are in the calibration set too, or look like one of it; null where it cannot be told. */
      leaks: z.array(z.string()).nullable(),
    })
    .nullable(),
  benchmark: z.object({ at: z.coerce.date(), comparedWith: z.string().nullable(), result: benchmarkResultSchema }).nullable(),
  gate: z.object({ limits: gateSchema, passed: z.boolean(), findings: z.array(gateFindingSchema) }),
  shadow: z
    .object({
      startedAt: z.coerce.date(),
      endedAt: z.coerce.date().nullable(),
      share: z.number(),
      frames: z.number(),
      cameras: z.number(),
      disagreementRate: z.number(),
      missedRate: z.number(),
      addedRate: z.number(),
      meanScoreShift: z.number(),
      activeMs: z.number(),
      shadowMs: z.number(),
    })
    .nullable(),
  /** Cameras that run on it now, as they were measured over the last minute. */
  live: z
    .array(
      z.object({
        camera: z.string(),
        worker: z.string().nullable(),
        detectFps: z.number(),
        wantedFps: z.number(),
        inferred: z.number(),
        dropped: z.number(),
        totalMs: percentilesSchema.nullable(),
      }),
    )
    .nullable(),
  /** Newest first. */
  decisions: z.array(z.object({ at: z.coerce.date(), who: z.string(), what: z.string(), why: z.string().nullable() })),
});
export type AcceptanceFacts = z.infer<typeof acceptanceFactsSchema>;
