import { sha256Schema } from "@octet/shared/domain/artifact";
import {
  benchmarkResultSchema,
  buildOptionsSchema,
  gateFindingSchema,
  precisionSchema,
  profileStateSchema,
  validationResultSchema,
} from "@octet/shared/domain/profile";
import { z } from "zod";
import type { OctetApi } from "./api.ts";
import { pickNamed } from "./pick-named.ts";

const scopeNames = ["site", "tag", "camera"] as const;

const promotionSchema = z.object({
  id: z.uuid(),
  role: z.enum(["active", "shadow"]),
  scope: z.enum(scopeNames),
  /** The tag, or the camera's id; empty for the site. */
  scopeValue: z.string(),
  share: z.number(),
  createdAt: z.coerce.date(),
  overridden: z.string().nullable(),
});
export type Promotion = z.output<typeof promotionSchema>;

export const serverProfileSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  model: z.object({ id: z.uuid(), name: z.string(), family: z.string(), inputWidth: z.number(), inputHeight: z.number() }),
  precision: precisionSchema,
  state: profileStateSchema,
  reason: z.string().nullable(),
  options: buildOptionsSchema,
  calibrationVersion: z.string().nullable(),
  sha256: sha256Schema.nullable(),
  sizeBytes: z.number().nullable(),
  reportSha256: sha256Schema.nullable(),
  reportPageSha256: sha256Schema.nullable(),
  summary: z.unknown(),
  warnings: z.array(z.string()),
  tool: z.string().nullable(),
  createdAt: z.coerce.date(),
  validation: validationResultSchema.nullable(),
  benchmark: benchmarkResultSchema.nullable(),
  gate: z.object({ passed: z.boolean(), findings: z.array(gateFindingSchema) }),
  /** Where it runs now, and in whose shadow. */
  promotions: z.array(promotionSchema),
});
export type ServerProfile = z.output<typeof serverProfileSchema>;

export const begunProfileSchema = z.object({ id: z.uuid(), jobId: z.uuid() });
export const begunProofSchema = z.object({ jobId: z.uuid() });

export const listProfiles = (api: OctetApi): Promise<ServerProfile[]> =>
  api.query("profiles.list", undefined, z.array(serverProfileSchema));

export const profileById = (api: OctetApi, id: string): Promise<ServerProfile> => api.query("profiles.byId", { id }, serverProfileSchema);

/** By name or id. @throws AppError NOT_FOUND */
export const findProfile = async (api: OctetApi, text: string): Promise<ServerProfile> =>
  pickNamed(await listProfiles(api), text, "profile", "octet profile list");
