import type { Transaction } from "@octet/db/client";
import { collectedManifest } from "@octet/shared/domain/collected-manifest";
import type { DatasetImage, DatasetManifest } from "@octet/shared/domain/dataset";
import type { JobResult } from "@octet/shared/domain/job";
import { countSameImages } from "../../features/datasets/data.ts";
import { addVersion, collectedBefore } from "../../features/datasets/mutations.ts";
import { profileBuilt, profileProven } from "../../features/profiles/mutations.ts";
import { runtime } from "../runtime.ts";
import type { EndedJob } from "./outcome-hooks.ts";

/** The profile gets its file. */
export async function builtProfile(tx: Transaction, job: EndedJob<"build">, result: JobResult<"build">): Promise<void> {
  if (job.subjectId) await profileBuilt(tx, job.subjectId, result);
}

export async function validatedProfile(tx: Transaction, job: EndedJob<"validate">, result: JobResult<"validate">): Promise<void> {
  if (!job.subjectId) return;
  const { dataset, datasetVersionId, subject, reference, threshold } = job.payload;
  const profile = await tx.profile.findUnique({ where: { id: job.subjectId }, select: { calibrationVersion: true } });
  const calibration = profile?.calibrationVersion;
  const calibratedOn = calibration && datasetVersionId ? await countSameImages(tx, datasetVersionId, calibration) : null;
  await profileProven(tx, job.subjectId, {
    kind: "validation",
    jobId: job.id,
    against: { dataset, datasetVersionId, subject, reference, threshold },
    result: { ...result, calibratedOn },
  });
}

export async function benchmarkedProfile(tx: Transaction, job: EndedJob<"benchmark">, result: JobResult<"benchmark">): Promise<void> {
  if (!job.subjectId) return;
  const { subject, reference } = job.payload;
  await profileProven(tx, job.subjectId, { kind: "benchmark", jobId: job.id, against: { subject, reference, host: result.host }, result });
}

/** Frames of cameras become a version of their data set. */
export async function collectedDataset(
  tx: Transaction,
  job: EndedJob<"collect">,
  { images, seen, duplicates }: JobResult<"collect">,
): Promise<void> {
  const { subjectId, payload } = job;
  if (!subjectId) return;
  await oneAtATime(tx, subjectId);
  const others = payload.collectionId ? await collectedBefore(tx, subjectId, payload.collectionId) : [];
  const mine = new Set(images.map(({ path }) => path));
  const all = [...others.filter(({ path }) => !mine.has(path)), ...images];
  await newVersion(tx, job, collectedManifest(all), all, 0, { from: "cameras", ...payload, seen, duplicates });
}

export async function importedDataset(tx: Transaction, job: EndedJob<"import">, result: JobResult<"import">): Promise<void> {
  const { manifest, images, labels, classes, duplicates, warnings } = result;
  const { archive, files } = job.payload;
  const origin = { from: archive ? "archive" : "upload", files: files.length, classes, duplicates, warnings };
  await newVersion(tx, job, manifest, images, labels, origin);
}

/** Two jobs that end at once must not both make the same version. Until the transaction's end. */
async function oneAtATime(tx: Transaction, datasetId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(${datasetId}))`;
}

async function newVersion(
  tx: Transaction,
  { subjectId }: EndedJob,
  manifest: DatasetManifest,
  images: readonly DatasetImage[],
  labels: number,
  origin: object,
): Promise<void> {
  if (!subjectId) return;
  await oneAtATime(tx, subjectId);
  const file = await runtime().artifacts.store(new TextEncoder().encode(JSON.stringify(manifest)));
  await addVersion(tx, { datasetId: subjectId, manifest, file, images, labels, origin });
}
