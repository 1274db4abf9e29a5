import { artifactRefSchema, sha256Schema } from "@octet/shared/domain/artifact";
import { jobSchema } from "@octet/shared/domain/job";
import { detectorFamilySchema, licenceSchema, modelCostSchema } from "@octet/shared/domain/model";
import { precisionSchema, profileStateSchema } from "@octet/shared/domain/profile";
import { z } from "zod";
import type { OctetApi } from "./api.ts";
import { pickNamed } from "./pick-named.ts";

export const serverModelSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  ...artifactRefSchema.shape,
  family: detectorFamilySchema,
  inputWidth: z.number().int(),
  inputHeight: z.number().int(),
  maxBatch: z.number().int().nullable(),
  classes: z.array(z.string()),
  precision: z.string(),
  cost: modelCostSchema.nullable().default(null),
  licence: licenceSchema,
  notes: z.string(),
  createdBy: z.string().nullable(),
  createdAt: z.coerce.date(),
  profiles: z.array(
    z.object({ id: z.uuid(), name: z.string(), precision: precisionSchema, state: profileStateSchema, sha256: sha256Schema.nullable() }),
  ),
});
export type ServerModel = z.output<typeof serverModelSchema>;

/** Of a file that was uploaded: the model that it is already, or the job that looks at it. */
export const addedModelSchema = z.object({ model: serverModelSchema.nullable(), job: jobSchema.nullable() });

export const listModels = (api: OctetApi): Promise<ServerModel[]> => api.query("models.list", undefined, z.array(serverModelSchema));

/** By name, id or hash. @throws AppError NOT_FOUND */
export async function findModel(api: OctetApi, text: string): Promise<ServerModel> {
  const models = await listModels(api);
  return models.find(({ sha256 }) => sha256 === text.trim()) ?? pickNamed(models, text, "model", "octet models list");
}
