import type { Database } from "@octet/db/client";
import { type Coverage, coverageOf, imagesInBoth, sameImages, thinCoverage } from "@octet/shared/domain/coverage";
import type { z } from "zod";
import { notFound } from "../../server/not-found.ts";
import type { versionQuerySchema } from "./schema.ts";

export async function listDatasets(db: Database) {
  const rows = await db.dataset.findMany({ include: { versions: { orderBy: { version: "desc" } } }, orderBy: { name: "asc" } });
  return rows.map(({ versions, ...dataset }) => ({
    ...dataset,
    versions: versions.map(({ manifestBytes: _, ...version }) => version),
  }));
}

/** @param timeZone IANA name, of whoever asks @throws AppError NOT_FOUND */
export async function getVersion(db: Database, { versionId, timeZone }: z.output<typeof versionQuerySchema>) {
  const row = await db.datasetVersion.findUnique({ where: { id: versionId }, include: { dataset: true } });
  if (!row) throw notFound("version of a data set");
  const { manifestBytes: _, ...version } = row;
  const images = await db.datasetImage.findMany({
    where: { versionId },
    select: { cameraId: true, capturedAt: true, brightness: true, faces: true, faceSizes: true },
  });
  const names = new Map((await db.camera.findMany({ select: { id: true, name: true } })).map(({ id, name }) => [id, name]));
  const coverage: Coverage = coverageOf(images, (id) => names.get(id) ?? "a removed camera", timeZone);
  return {
    ...version,
    coverage,
    warnings: row.dataset.kind === "calibration" ? thinCoverage(coverage) : [],
    leaks: await leaksOf(db, versionId, row.dataset.kind),
  };
}

/** Images that are in a data set of the other kind too: what one is calibrated on must not judge it. */
async function leaksOf(db: Database, versionId: string, kind: string): Promise<{ dataset: string; version: number; images: string[] }[]> {
  const mine = await db.datasetImage.findMany({ where: { versionId }, select: { path: true, sha256: true, dhash: true } });
  const others = await db.datasetVersion.findMany({
    where: { dataset: { kind: kind === "calibration" ? "validation" : "calibration" } },
    include: { dataset: { select: { name: true } }, images: { select: { sha256: true, dhash: true } } },
  });
  return others.flatMap(({ dataset, version, images }) => {
    const leaking = imagesInBoth(mine, images);
    return leaking.length === 0 ? [] : [{ dataset: dataset.name, version, images: leaking }];
  });
}

/** Paths of those images of one version that the other has too, or that look like one of it. */
export async function leaksBetween(db: Database, versionId: string, otherId: string): Promise<string[]> {
  const imagesOf = (id: string) =>
    db.datasetImage.findMany({ where: { versionId: id }, select: { path: true, sha256: true, dhash: true } });
  return imagesInBoth(await imagesOf(versionId), await imagesOf(otherId));
}

/** How many images of one version the other has too, byte for byte. */
export async function countSameImages(db: Pick<Database, "datasetImage">, versionId: string, otherId: string): Promise<number> {
  const imagesOf = (id: string) => db.datasetImage.findMany({ where: { versionId: id }, select: { sha256: true } });
  return sameImages(await imagesOf(versionId), await imagesOf(otherId));
}

export async function listImages(db: Database, input: { versionId: string; offset: number; limit: number }) {
  const where = { versionId: input.versionId };
  const [rows, total] = await Promise.all([
    db.datasetImage.findMany({ where, orderBy: { path: "asc" }, skip: input.offset, take: input.limit }),
    db.datasetImage.count({ where }),
  ]);
  return { total, images: rows.map(({ sizeBytes, ...row }) => ({ ...row, sizeBytes: Number(sizeBytes) })) };
}
