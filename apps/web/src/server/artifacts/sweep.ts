import type { Database } from "@octet/db/client";
import type { ArtifactStore } from "./store.ts";

/** A file that nothing names is kept for so long: whoever put it there may be about to. */
const ORPHAN_DAYS = 7;
/** A job that ended holds what went into it, and what came out, for so long. */
const JOB_DAYS = 30;
const DAY_MS = 86_400_000;
const SHA256 = /\b[0-9a-f]{64}\b/g;

/**
 * Removes files that no model, data set, profile, proof or recent job names any more. Where a data set's manifest cannot be
 * read nothing is removed, since its files could not be told from others.
 */
export async function sweepArtifacts({
  db,
  artifacts,
  now,
}: {
  db: Database;
  artifacts: Pick<ArtifactStore, "read" | "olderThan" | "remove">;
  now: number;
}): Promise<{ removed: number; bytes: number }> {
  const named = await namedFiles(db, artifacts, now);
  const before = now - ORPHAN_DAYS * DAY_MS;
  let removed = 0;
  let bytes = 0;
  for await (const { sha256, sizeBytes } of artifacts.olderThan(before)) {
    if (named.has(sha256) || !(await artifacts.remove(sha256, before))) continue;
    await db.artifact.deleteMany({ where: { sha256 } });
    removed++;
    bytes += sizeBytes;
  }
  return { removed, bytes };
}

async function namedFiles(db: Database, artifacts: Pick<ArtifactStore, "read">, now: number): Promise<Set<string>> {
  const named = new Set<string>();
  const add = (value: unknown): void => {
    for (const [hash] of JSON.stringify(value ?? null).matchAll(SHA256)) named.add(hash);
  };
  add(await db.detectorModel.findMany({ select: { sha256: true } }));
  add(await db.profile.findMany({ select: { sha256: true, reportSha256: true, reportPageSha256: true } }));
  for (const { manifestSha256 } of await db.datasetVersion.findMany({ select: { manifestSha256: true } })) {
    add(manifestSha256);
    add(Buffer.from(await artifacts.read(manifestSha256)).toString());
  }
  const recent = { OR: [{ state: { in: ["queued", "running"] } }, { endedAt: { gt: new Date(now - JOB_DAYS * DAY_MS) } }] };
  // One by one: a collection's result names each of its thousands of images.
  for (const { id } of await db.job.findMany({ where: recent, select: { id: true } }))
    add(await db.job.findUnique({ where: { id }, select: { payload: true, result: true } }));
  for (const { id } of await db.proof.findMany({ select: { id: true } }))
    add(await db.proof.findUnique({ where: { id }, select: { against: true, result: true } }));
  return named;
}
