import { type Database, DbNull, type Transaction } from "@octet/db/client";
import { changesBetween } from "@octet/shared/domain/audit-changes";
import type { Job, JobResult } from "@octet/shared/domain/job";
import { buildOptionsSchema } from "@octet/shared/domain/profile";
import { licenceOfUpload, profileOfUpload } from "@octet/shared/domain/uploaded-model";
import { AppError } from "@octet/shared/errors";
import type { EndedJob } from "../../server/jobs/outcome-hooks.ts";
import type { ArtifactPort } from "../../server/runtime.ts";
import { audit } from "../audit/mutations.ts";
import { enqueueJob } from "../jobs/mutations.ts";
import { findModelByFile, getModel, type StoredModel } from "./data.ts";
import type { AddModel, UpdateModel } from "./schema.ts";

/**
 * Has a worker look at a file that lies in the artifact store; the model is there once that job is done. The same file
 * again gives the model that it is already. Throws AppError NOT_FOUND, CONFLICT where another model has the name.
 */
export async function addModel(
  db: Database,
  artifacts: Pick<ArtifactPort, "open">,
  { sha256, name, ...stated }: AddModel,
  createdBy: string,
): Promise<{ model: StoredModel | null; job: Job | null }> {
  const known = await findModelByFile(db, sha256);
  if (known) return { model: known, job: null };
  const file = await artifacts.open(sha256);
  if (!file)
    throw new AppError("NOT_FOUND", `The file ${sha256} was not uploaded yet`, {
      hint: "Send it to /api/artifacts first; its answer names the sha256.",
    });
  await refuseTakenName(db, name);
  const { sizeBytes } = file;
  const job = await enqueueJob(db, {
    kind: "inspect",
    payload: { model: { sha256, sizeBytes, name }, stated },
    title: `Inspect ${name}`,
    createdBy,
  });
  return { model: null, job };
}

/** Has a worker look at a model again, for what was not kept of it before. Throws AppError NOT_FOUND. */
export async function inspectModel(db: Database, id: string, createdBy: string): Promise<Job> {
  const { sha256, sizeBytes, name } = await getModel(db, id);
  return enqueueJob(db, {
    kind: "inspect",
    payload: { model: { sha256, sizeBytes, name }, stated: { licence: "", origin: "", notes: "" } },
    title: `Inspect ${name}`,
    subjectId: id,
    createdBy,
  });
}

/** The outcome of an inspection: the model, and the profile which is the file as it came. Of one that is there, its cost. */
export async function addInspectedModel(tx: Transaction, job: EndedJob<"inspect">, found: JobResult<"inspect">): Promise<void> {
  const { model: file, stated } = job.payload;
  const known = await findModelByFile(tx, file.sha256);
  if (known) {
    await tx.detectorModel.update({ where: { id: known.id }, data: { cost: found.cost ?? DbNull } });
    await tx.job.update({ where: { id: job.id }, data: { subjectId: known.id } });
    return;
  }
  // It was removed while it was looked at again.
  if (job.subjectId) return;
  await refuseTakenName(tx, file.name);
  const licence = licenceOfUpload(found.licence, stated);
  const model = await tx.detectorModel.create({
    data: {
      name: file.name,
      sha256: file.sha256,
      sizeBytes: BigInt(file.sizeBytes),
      family: found.family,
      inputWidth: found.inputWidth,
      inputHeight: found.inputHeight,
      maxBatch: found.maxBatch,
      classes: found.classes,
      precision: found.precision,
      cost: found.cost ?? DbNull,
      licence,
      notes: stated.notes,
      createdBy: job.createdBy,
    },
  });
  const { precision, suffix, warnings } = profileOfUpload[found.precision];
  await tx.profile.create({
    data: {
      name: `${file.name} ${suffix}`,
      modelId: model.id,
      precision,
      state: "built",
      options: buildOptionsSchema.parse({ precision }),
      sha256: file.sha256,
      sizeBytes: BigInt(file.sizeBytes),
      summary: { operators: found.operators, opset: found.opset },
      warnings,
      createdBy: job.createdBy,
    },
  });
  await tx.job.update({ where: { id: job.id }, data: { subjectId: model.id } });
  await audit(tx, job.createdBy ?? "somebody", "model.add", model.id, {
    ...{ name: file.name, sha256: file.sha256 },
    ...{ family: found.family, precision: found.precision, licence: licence.name },
  });
}

export async function updateModel(db: Database, { id, patch }: UpdateModel, who: string): Promise<StoredModel> {
  const { name, notes, licence } = patch;
  return db.$transaction(async (tx) => {
    const before = await getModel(tx, id);
    if (name !== undefined && name !== before.name) await refuseTakenName(tx, name);
    await tx.detectorModel.update({
      where: { id },
      data: {
        ...(name === undefined ? {} : { name }),
        ...(notes === undefined ? {} : { notes }),
        ...(licence === undefined ? {} : { licence }),
      },
    });
    const after = await getModel(tx, id);
    const changes = changesBetween(before, after, ["name", "notes", "licence"]);
    if (changes.length > 0) await audit(tx, who, "model.update", id, { name: before.name, changes });
    return after;
  });
}

/**
 * Removes a model and the profile which is its file. Throws AppError CONFLICT where other profiles were made of it, or that
 * one was promoted once: what ran on a camera stays known.
 */
export async function removeModel(db: Database, id: string, who: string): Promise<void> {
  await db.$transaction(async (tx) => {
    const model = await getModel(tx, id);
    const made = model.profiles.filter((profile) => profile.sha256 !== model.sha256);
    if (made.length > 0)
      throw new AppError("CONFLICT", `Profiles were made of ${model.name}: ${made.map((profile) => profile.name).join(", ")}`, {
        hint: "Remove them first.",
      });
    const ids = model.profiles.map((profile) => profile.id);
    if ((await tx.promotion.count({ where: { profileId: { in: ids } } })) > 0)
      throw new AppError("CONFLICT", `${model.name} runs on cameras, or did once`, {
        hint: "What has run stays known, so it cannot be removed.",
      });
    await tx.profile.deleteMany({ where: { id: { in: ids } } });
    await tx.detectorModel.delete({ where: { id } });
    await audit(tx, who, "model.remove", id, { name: model.name, sha256: model.sha256 });
  });
}

async function refuseTakenName(db: Database | Transaction, name: string): Promise<void> {
  if (await db.detectorModel.findUnique({ where: { name }, select: { id: true } }))
    throw new AppError("CONFLICT", `There is a model named ${name} already`, { hint: "Choose another name." });
}
