import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { artifactRefSchema } from "@octet/shared/domain/artifact";
import { jobDefinitions } from "@octet/shared/domain/job";
import { licenceOfUpload, profileOfUpload } from "@octet/shared/domain/uploaded-model";
import { buildOptionsSchema } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";
import { hashFile } from "../files/hash-file.ts";
import { linkOrCopy } from "../files/link-or-copy.ts";
import { describeDetector } from "../inspect/describe-detector.ts";
import { entriesOf, inTemporaryFolder, publishFolder, readJson, writeJson } from "./local-file.ts";
import { checkLocalName, localNameSchema } from "./local-name.ts";
import { type LocalProfile, listLocalProfiles, profileFiles, profileFolder } from "./profile-file.ts";
import { provenanceNow } from "./provenance.ts";

/** A workspace's `models/SHA256.json`, beside the file of the model. */
export const localModelSchema = jobDefinitions.inspect.result.extend({
  format: z.literal(1),
  name: localNameSchema,
  ...artifactRefSchema.shape,
  notes: z.string(),
  addedAt: z.coerce.date(),
});
export type LocalModel = z.output<typeof localModelSchema>;

const folderOf = (workspace: string): string => path.join(workspace, "models");

/** Path of a model's file. */
export const localModelFile = (workspace: string, sha256: string): string => path.join(folderOf(workspace), `${sha256}.onnx`);

/** Sorted by name. */
export async function listLocalModels(workspace: string): Promise<LocalModel[]> {
  const models: LocalModel[] = [];
  for (const name of await entriesOf(folderOf(workspace))) {
    if (!/^[0-9a-f]{64}\.json$/.test(name)) continue;
    const model = await readJson(path.join(folderOf(workspace), name), localModelSchema);
    if (model) models.push(model);
  }
  return models.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param nameOrHash its name, its sha256, or so much of that that one model begins so @throws AppError NOT_FOUND */
export async function findLocalModel(workspace: string, nameOrHash: string): Promise<LocalModel> {
  const models = await listLocalModels(workspace);
  const named = models.find(({ name }) => name === nameOrHash.trim());
  if (named) return named;
  const hashed = /^[0-9a-f]{6,64}$/i.test(nameOrHash) ? models.filter(({ sha256 }) => sha256.startsWith(nameOrHash.toLowerCase())) : [];
  if (hashed.length === 1) return hashed[0]!;
  throw new AppError("NOT_FOUND", `There is no model "${nameOrHash}" in ${workspace}`, {
    hint:
      models.length > 0
        ? `There are ${models
            .slice(0, 10)
            .map(({ name }) => name)
            .join(", ")}.`
        : "Add one: `octet models add FILE --local`.",
  });
}

export interface AddModelRequest {
  workspace: string;
  /** Path of an ONNX file; it is copied. */
  file: string;
  name: string;
  /** What is known of it; empty where nothing is. */
  licence: string;
  origin: string;
  notes: string;
  tool: string;
}

/**
 * Checks and recognises a model, and keeps it with the profile which is its file. The same file again is the model that it is
 * already.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_UNRECOGNISED, CONFLICT, BAD_INPUT
 */
export async function addLocalModel(request: AddModelRequest): Promise<{
  model: LocalModel;
  /** Whether it was there already. */
  known: boolean;
  /** null where it was there already. */
  profile: LocalProfile | null;
}> {
  const { workspace, file, tool } = request;
  const name = checkLocalName(request.name);
  const found = await describeDetector(file);
  const ref = await hashFile(file);
  const models = await listLocalModels(workspace);
  const known = models.find(({ sha256 }) => sha256 === ref.sha256);
  if (!known && models.some((model) => model.name === name))
    throw new AppError("CONFLICT", `There is a model named ${name} already`, { hint: "Choose another name: --name." });
  const model: LocalModel = known ?? {
    format: 1,
    name,
    ...ref,
    ...found,
    licence: licenceOfUpload(found.licence, request),
    notes: request.notes,
    addedAt: new Date(),
  };
  // Also where an interruption left the model without it.
  const isThere = (await listLocalProfiles(workspace)).some(({ artifact }) => artifact.sha256 === ref.sha256);
  const profile = isThere ? null : profileOf(model, tool);
  await inTemporaryFolder(workspace, async (folder) => {
    if (!known) await keep(workspace, file, model, folder);
    if (!profile) return;
    const made = path.join(folder, "profile");
    await linkOrCopy(localModelFile(workspace, ref.sha256), path.join(made, profileFiles.model));
    await writeJson(path.join(made, profileFiles.profile), profile);
    await publishFolder(made, profileFolder(workspace, profile.name), `a profile named "${profile.name}"`);
  });
  return { model, known: known !== undefined, profile };
}

async function keep(workspace: string, file: string, model: LocalModel, folder: string): Promise<void> {
  const copy = path.join(folder, "model.onnx");
  await copyFile(file, copy);
  // What is kept is what was looked at, whatever happened to the file meanwhile.
  if ((await hashFile(copy)).sha256 !== model.sha256)
    throw new AppError("CONFLICT", `${file} was changed while it was read`, { hint: "Try again once it is complete." });
  await mkdir(folderOf(workspace), { recursive: true });
  await rename(copy, localModelFile(workspace, model.sha256));
  await writeJson(path.join(folderOf(workspace), `${model.sha256}.json`), model);
}

/** The profile which is the file itself. */
function profileOf({ name, sha256, sizeBytes, ...model }: LocalModel, tool: string): LocalProfile {
  const { precision, suffix, warnings } = profileOfUpload[model.precision];
  return {
    format: 1,
    name: `${name} ${suffix}`,
    model: modelOfProfile({ name, sha256, sizeBytes, ...model }),
    precision,
    state: "built",
    reason: null,
    options: buildOptionsSchema.parse({ precision }),
    calibration: null,
    artifact: { sha256, sizeBytes },
    report: null,
    reportPage: null,
    summary: { operators: model.operators, opset: model.opset },
    warnings: [...warnings],
    built: provenanceNow(tool),
    validation: null,
    benchmark: null,
  };
}

/** What a profile says of its model. */
export function modelOfProfile(model: LocalModel): LocalProfile["model"] {
  const { name, sha256, sizeBytes, family, inputWidth, inputHeight, licence } = model;
  return { name, sha256, sizeBytes, family, inputWidth, inputHeight, licence };
}

/** Removes a model and the profile which is its file. @throws AppError NOT_FOUND, CONFLICT where profiles were made of it */
export async function removeLocalModel(workspace: string, nameOrHash: string): Promise<LocalModel> {
  const model = await findLocalModel(workspace, nameOrHash);
  const profiles = (await listLocalProfiles(workspace)).filter((profile) => profile.model.sha256 === model.sha256);
  const made = profiles.filter(({ artifact }) => artifact.sha256 !== model.sha256);
  if (made.length > 0)
    throw new AppError("CONFLICT", `Profiles were made of ${model.name}: ${made.map(({ name }) => name).join(", ")}`, {
      hint: "Remove their folders first.",
    });
  await inTemporaryFolder(workspace, async (folder) => {
    for (const { name } of profiles) await rename(profileFolder(workspace, name), path.join(folder, name));
    await rm(path.join(folderOf(workspace), `${model.sha256}.json`));
    await rm(localModelFile(workspace, model.sha256), { force: true });
  });
  return model;
}
