import { randomUUID } from "node:crypto";
import type { Database } from "@octet/db/client";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import type { DatasetImage, DatasetManifest } from "@octet/shared/domain/dataset";
import type { Job } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import { notFound } from "../../server/not-found.ts";
import { audit } from "../audit/mutations.ts";
import { enqueueJob } from "../jobs/mutations.ts";
import type { DatasetCollect, DatasetImport, DatasetTarget } from "./schema.ts";

/** The data set that a new version goes into, made where it is new. @throws AppError NOT_FOUND, CONFLICT */
async function target(db: Database, into: DatasetTarget, createdBy: string): Promise<{ id: string; name: string }> {
  if ("id" in into) {
    const row = await db.dataset.findUnique({ where: { id: into.id } });
    if (!row) throw notFound("data set");
    return row;
  }
  if (await db.dataset.findUnique({ where: { name: into.name } }))
    throw new AppError("CONFLICT", `There is a data set named "${into.name}" already`, {
      hint: "Add a version to it, or choose another name.",
    });
  return db.dataset.create({ data: { ...into, createdBy } });
}

/** Has a worker read what was uploaded; a good outcome becomes a version. */
export async function importDataset(db: Database, input: DatasetImport, createdBy: string): Promise<{ datasetId: string; job: Job }> {
  const { layout, images, groundTruth, files, archive } = input;
  const wanted = archive ? [archive.sha256] : [...new Set(files.map(({ sha256 }) => sha256))];
  const stored = await db.artifact.count({ where: { sha256: { in: wanted } } });
  if (stored < wanted.length)
    throw new AppError("NOT_FOUND", `${wanted.length - stored} of the files were not uploaded`, { hint: "Upload them first." });
  const dataset = await target(db, input.into, createdBy);
  const job = await enqueueJob(db, {
    kind: "import",
    title: `Read ${dataset.name}`,
    subjectId: dataset.id,
    createdBy,
    payload: { layout, images, groundTruth, files, archive },
  });
  return { datasetId: dataset.id, job };
}

/**
 * Has workers collect frames of cameras, each those that it runs, with its share of the images; what they found becomes a
 * version, and a further one with each worker that ends.
 */
export async function collectDataset(db: Database, input: DatasetCollect, createdBy: string): Promise<{ datasetId: string; jobs: Job[] }> {
  const { into, ...payload } = input;
  const cameras = await db.camera.findMany({
    where: { id: { in: payload.cameraIds } },
    select: { id: true, enabled: true, name: true, workerId: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  if (cameras.length < new Set(payload.cameraIds).size) throw new AppError("NOT_FOUND", "One of the cameras is gone");
  const off = cameras.filter(({ enabled }) => !enabled);
  if (off.length > 0)
    throw new AppError("CONFLICT", `${off.map(({ name }) => name).join(", ")} is switched off`, { hint: "Enable it, or leave it out." });
  const dataset = await target(db, into, createdBy);
  const byWorker = new Map<string | null, typeof cameras>();
  for (const camera of cameras) byWorker.set(camera.workerId, [...(byWorker.get(camera.workerId) ?? []), camera]);
  const collectionId = byWorker.size > 1 ? randomUUID() : null;
  const jobs: Job[] = [];
  for (const some of byWorker.values())
    jobs.push(
      await enqueueJob(db, {
        kind: "collect",
        title: `Collect ${dataset.name} from ${some.length === 1 ? some[0]!.name : `${some.length} cameras`}`,
        subjectId: dataset.id,
        createdBy,
        payload: {
          ...payload,
          collectionId,
          cameraIds: some.map(({ id }) => id),
          maxImages: Math.ceil((payload.maxImages * some.length) / cameras.length),
        },
      }),
    );
  return { datasetId: dataset.id, jobs };
}

export interface NewVersion {
  datasetId: string;
  manifest: DatasetManifest;
  /** The manifest's file, stored before. */
  file: ArtifactRef;
  images: readonly DatasetImage[];
  labels: number;
  origin: object;
}

/** What the other workers of a collection have found until now; none where it is the first to end. */
export async function collectedBefore(
  tx: Pick<Database, "datasetVersion">,
  datasetId: string,
  collectionId: string,
): Promise<DatasetImage[]> {
  const version = await tx.datasetVersion.findFirst({
    where: { datasetId, origin: { path: ["collectionId"], equals: collectionId } },
    orderBy: { version: "desc" },
    include: { images: { omit: { versionId: true }, orderBy: { path: "asc" } } },
  });
  return version?.images.map((image) => ({ ...image, sizeBytes: Number(image.sizeBytes) })) ?? [];
}

/** The next version of a data set; the same content again is the version that is there. */
export async function addVersion(
  tx: Pick<Database, "datasetVersion" | "datasetImage">,
  { datasetId, manifest, file, images, labels, origin }: NewVersion,
): Promise<void> {
  if (images.length === 0)
    throw new AppError("CALIBRATION_EMPTY", "There are no images", { hint: "Collect for longer, or choose other cameras." });
  if (await tx.datasetVersion.findFirst({ where: { datasetId, manifestSha256: file.sha256 } })) return;
  const newest = await tx.datasetVersion.findFirst({ where: { datasetId }, orderBy: { version: "desc" } });
  const { id } = await tx.datasetVersion.create({
    data: {
      datasetId,
      version: (newest?.version ?? 0) + 1,
      layout: manifest.layout,
      manifestSha256: file.sha256,
      manifestBytes: file.sizeBytes,
      imageCount: images.length,
      labelCount: labels,
      origin,
    },
  });
  await tx.datasetImage.createMany({ data: images.map((image) => ({ ...image, versionId: id })) });
}

/** @throws AppError NOT_FOUND, CONFLICT where a profile was made with it, or is proven by it */
export async function removeDataset(db: Database, id: string, who: string): Promise<void> {
  const versions = await db.datasetVersion.findMany({ where: { datasetId: id }, select: { id: true } });
  const used = await db.profile.findFirst({ where: { calibrationVersion: { in: versions.map((version) => version.id) } } });
  if (used)
    throw new AppError("CONFLICT", `The profile ${used.name} was calibrated with it`, { hint: "What a profile was made of is kept." });
  // Without it a gate that it stopped would let the profile pass.
  const proven = await db.profile.findFirst({
    where: {
      state: { not: "rejected" },
      proofs: {
        some: { kind: "validation", OR: versions.map((version) => ({ against: { path: ["datasetVersionId"], equals: version.id } })) },
      },
    },
  });
  if (proven)
    throw new AppError("CONFLICT", `The profile ${proven.name} was validated on it`, {
      hint: "What a profile is judged by is kept until the profile is rejected.",
    });
  await db.$transaction(async (tx) => {
    const dataset = await tx.dataset.findUnique({ where: { id }, select: { name: true, kind: true } });
    const { count } = await tx.dataset.deleteMany({ where: { id } });
    if (!dataset || count === 0) throw notFound("data set");
    await audit(tx, who, "dataset.remove", id, dataset);
  });
}
