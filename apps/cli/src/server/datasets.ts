import { sha256Schema } from "@octet/shared/domain/artifact";
import { datasetKindSchema, datasetLayoutSchema } from "@octet/shared/domain/dataset";
import { splitVersionRef } from "@octet/shared/domain/dataset-ref";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import type { OctetApi } from "./api.ts";
import { pickNamed } from "./pick-named.ts";

const versionSchema = z.object({
  id: z.uuid(),
  version: z.number().int(),
  layout: datasetLayoutSchema,
  manifestSha256: sha256Schema,
  imageCount: z.number().int(),
  labelCount: z.number().int(),
  origin: z.unknown(),
  createdAt: z.coerce.date(),
});
export type ServerVersion = z.output<typeof versionSchema>;

const datasetSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: datasetKindSchema,
  createdBy: z.string().nullable(),
  createdAt: z.coerce.date(),
  /** Newest first. */
  versions: z.array(versionSchema),
});
export type ServerDataset = z.output<typeof datasetSchema>;

const binsSchema = z.array(z.object({ label: z.string(), count: z.number().int() }));
export const coverageSchema = z.object({
  images: z.number().int(),
  cameras: binsSchema,
  brightness: binsSchema,
  hours: binsSchema,
  timeZone: z.string().default("UTC"),
  faces: binsSchema,
  faceSizes: binsSchema,
});

/** A version with how it is spread and what of it leaks. */
export const versionDetailSchema = versionSchema.extend({
  coverage: coverageSchema,
  warnings: z.array(z.string()),
  leaks: z.array(z.object({ dataset: z.string(), version: z.number().int(), images: z.array(z.string()) })),
});

export const begunDatasetSchema = z.object({ datasetId: z.uuid(), jobId: z.uuid() });
/** One job for each worker that runs some of the cameras. */
export const begunCollectionSchema = begunDatasetSchema.extend({ jobIds: z.array(z.uuid()).min(1) });

export const listDatasets = (api: OctetApi): Promise<ServerDataset[]> => api.query("datasets.list", undefined, z.array(datasetSchema));

/** By name or id. @throws AppError NOT_FOUND */
export const findDataset = async (api: OctetApi, text: string): Promise<ServerDataset> => pickDataset(await listDatasets(api), text);

const pickDataset = (datasets: readonly ServerDataset[], text: string): ServerDataset =>
  pickNamed(datasets, text, "data set", "octet dataset list");

/** NAME, for its newest version, or NAME@2. @throws AppError NOT_FOUND */
export async function findVersion(api: OctetApi, ref: string): Promise<{ dataset: ServerDataset; version: ServerVersion }> {
  const datasets = await listDatasets(api);
  // A name may end like a version itself.
  const whole = datasets.find(({ name }) => name === ref.trim());
  const { name, version: number } = whole ? { name: whole.name, version: null } : splitVersionRef(ref);
  const dataset = pickDataset(datasets, name);
  const version = number === null ? dataset.versions[0] : dataset.versions.find((one) => one.version === number);
  if (version) return { dataset, version };
  throw new AppError("NOT_FOUND", `"${dataset.name}" has no version${number === null ? " yet" : ` ${number}`}`, {
    hint:
      dataset.versions.length > 0
        ? `It has ${dataset.versions.map((one) => one.version).join(", ")}.`
        : "Look at the job that was to make it: `octet jobs list`.",
  });
}
