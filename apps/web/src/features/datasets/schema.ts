import { artifactRefSchema } from "@octet/shared/domain/artifact";
import { datasetKindSchema, datasetLayoutSchema, datasetPathSchema } from "@octet/shared/domain/dataset";
import { timeZoneSchema } from "@octet/shared/domain/time-zone";
import { z } from "zod";

export const datasetRefSchema = z.object({ id: z.uuid() });

const nameSchema = z.string().trim().min(1, "Enter a name").max(120);

/** Into which data set a new version goes: an existing one by id, or a new one by name. */
export const datasetTargetSchema = z.union([z.object({ id: z.uuid() }), z.object({ name: nameSchema, kind: datasetKindSchema })]);
export type DatasetTarget = z.output<typeof datasetTargetSchema>;

export const datasetImportSchema = z
  .object({
    into: datasetTargetSchema,
    layout: datasetLayoutSchema.default("images"),
    /** Folder of the images and file or folder of the labels, inside the files; null: found by the layout's habits. */
    images: datasetPathSchema.nullable().default(null),
    groundTruth: datasetPathSchema.nullable().default(null),
    /** Uploaded before, as artifacts. */
    files: z
      .array(artifactRefSchema.extend({ path: datasetPathSchema }))
      .max(50_000)
      .default([]),
    archive: artifactRefSchema.nullable().default(null),
  })
  .refine(({ files, archive }) => files.length > 0 !== (archive !== null), "Give files, or one archive");
export type DatasetImport = z.output<typeof datasetImportSchema>;

export const datasetCollectSchema = z.object({
  into: datasetTargetSchema,
  cameraIds: z.array(z.uuid()).min(1, "Choose a camera").max(200),
  everySeconds: z.number().min(0.2).max(3600).default(5),
  forSeconds: z
    .number()
    .min(1)
    .max(7 * 86_400)
    .default(3600),
  maxImages: z.number().int().min(1).max(20_000).default(1000),
  faces: z.enum(["any", "with", "without"]).default("any"),
  spread: z.enum(["none", "light"]).default("none"),
  minHashDistance: z.number().int().min(0).max(64).default(5),
});
export type DatasetCollect = z.output<typeof datasetCollectSchema>;

export const imagesPageSchema = z.object({
  versionId: z.uuid(),
  offset: z.number().int().min(0).default(0),
  limit: z.number().int().min(1).max(200).default(60),
});
/** `timeZone`: whose hours of the day are counted. */
export const versionQuerySchema = z.object({ versionId: z.uuid(), timeZone: timeZoneSchema.default("UTC") });
