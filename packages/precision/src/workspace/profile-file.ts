import path from "node:path";
import { artifactRefSchema, sha256Schema } from "@octet/shared/domain/artifact";
import { detectorFamilySchema, licenceSchema } from "@octet/shared/domain/model";
import {
  benchmarkResultSchema,
  buildOptionsSchema,
  precisionSchema,
  profileStateSchema,
  validationResultSchema,
} from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import { entriesOf, readJson, writeJson } from "./local-file.ts";
import { checkLocalName, localNameSchema } from "./local-name.ts";

/** A version of a data set, by name for people and by hash for what is to be repeated. */
export const datasetVersionRefSchema = z.object({
  dataset: z.string(),
  version: z.number().int().min(1),
  /** sha256 of its manifest. */
  sha256: sha256Schema,
  images: z.number().int(),
});
export type DatasetVersionRef = z.infer<typeof datasetVersionRefSchema>;

const namedFileSchema = artifactRefSchema.extend({ name: z.string() });

/** When and where something was made, and by which program. */
export const provenanceSchema = z.object({ at: z.coerce.date(), host: z.string(), tool: z.string() });
export type Provenance = z.infer<typeof provenanceSchema>;

/** A workspace's `profiles/NAME/profile.json`: all that a profile was made of and what it has shown. */
export const localProfileSchema = z.object({
  format: z.literal(1),
  name: localNameSchema,
  model: namedFileSchema.extend({
    family: detectorFamilySchema,
    /** Pixels. */
    inputWidth: z.number().int(),
    inputHeight: z.number().int(),
    licence: licenceSchema,
  }),
  precision: precisionSchema,
  /** Never `shadow`, `promoted` or `retired`: these need a server. */
  state: profileStateSchema,
  /** Why it was rejected. */
  reason: z.string().nullable(),
  options: buildOptionsSchema,
  /** null where nothing was calibrated here. */
  calibration: datasetVersionRefSchema.nullable(),
  /** `model.onnx` beside it. */
  artifact: artifactRefSchema,
  /** `report.json` and `report.html` beside it; null where nothing was quantised here. */
  report: artifactRefSchema.nullable(),
  reportPage: artifactRefSchema.nullable(),
  /** What was chosen and measured while it was built. */
  summary: z.record(z.string(), z.unknown()),
  warnings: z.array(z.string()),
  built: provenanceSchema,
  /** The newest of each. */
  validation: provenanceSchema
    .extend({
      dataset: datasetVersionRefSchema,
      reference: namedFileSchema,
      threshold: z.number(),
      result: validationResultSchema,
    })
    .nullable(),
  benchmark: provenanceSchema
    .extend({
      /** What was run in turns with it. */
      reference: namedFileSchema.nullable(),
      result: benchmarkResultSchema,
    })
    .nullable(),
});
export type LocalProfile = z.output<typeof localProfileSchema>;

/** Files of a profile. */
export const profileFiles = { profile: "profile.json", model: "model.onnx", report: "report.json", reportPage: "report.html" } as const;

/** Folder of a profile. @throws AppError BAD_INPUT where the name is none */
export const profileFolder = (workspace: string, name: string): string => path.join(workspace, "profiles", checkLocalName(name));

/** @throws AppError NOT_FOUND, BAD_INPUT, INTERNAL where its file is damaged */
export async function readLocalProfile(workspace: string, name: string): Promise<LocalProfile> {
  const profile = await readJson(path.join(profileFolder(workspace, name), profileFiles.profile), localProfileSchema);
  if (profile) return profile;
  const known = await entriesOf(path.join(workspace, "profiles"));
  throw new AppError("NOT_FOUND", `There is no profile "${name}" in ${workspace}`, {
    hint: known.length > 0 ? `There are ${known.slice(0, 10).join(", ")}.` : "Make one: `octet profile build MODEL --local`.",
  });
}

/** Sorted by model, then by when they were built. */
export async function listLocalProfiles(workspace: string): Promise<LocalProfile[]> {
  const profiles: LocalProfile[] = [];
  for (const name of await entriesOf(path.join(workspace, "profiles"))) {
    const profile = await readJson(path.join(workspace, "profiles", name, profileFiles.profile), localProfileSchema);
    if (profile) profiles.push(profile);
  }
  return profiles.sort(
    (a, b) => (a.model.name < b.model.name ? -1 : a.model.name > b.model.name ? 1 : 0) || a.built.at.getTime() - b.built.at.getTime(),
  );
}

/** Changes a profile's file; what another process changed meanwhile stays, where it is not the same field. */
export async function updateLocalProfile(
  workspace: string,
  name: string,
  change: (profile: LocalProfile) => Partial<LocalProfile>,
): Promise<LocalProfile> {
  const profile = await readLocalProfile(workspace, name);
  const changed = { ...profile, ...change(profile) };
  await writeJson(path.join(profileFolder(workspace, name), profileFiles.profile), changed);
  return changed;
}
