import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { type DatasetManifest, datasetManifestSchema } from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";
import type { ArtifactClient } from "./artifacts.ts";

export interface LaidOutDataset {
  manifest: DatasetManifest;
  folder: string;
  /** Absolute. */
  images: string;
  groundTruth: string | null;
}

/** Laid out sets that are kept; their files are links into the cache, so that one more costs little. */
const KEPT_SETS = 2;
const DOWNLOADS = 8;

/**
 * Lays a data set's files out in a folder, once for each version. Nothing is there under the set's name before all of it is.
 * @param home folder of the sets
 * @throws AppError DATASET_INVALID where the manifest is none, or two of its paths cannot both be; as `ArtifactClient.get`
 */
export async function materialise(
  artifacts: ArtifactClient,
  ref: ArtifactRef,
  home: string,
  onFile: (done: number, total: number) => void = () => {},
): Promise<LaidOutDataset> {
  const manifest = await readManifest(artifacts, ref);
  const folder = path.join(home, ref.sha256);
  const laidOut: LaidOutDataset = {
    manifest,
    folder,
    images: path.join(folder, manifest.images),
    groundTruth: manifest.groundTruth === null ? null : path.join(folder, manifest.groundTruth),
  };
  await mkdir(home, { recursive: true });
  const now = new Date();
  const there = await utimes(folder, now, now).then(
    () => true,
    () => false,
  );
  if (there) return laidOut;
  await removeOldest(home);
  const part = path.join(home, `${ref.sha256}.${randomUUID()}.part`);
  try {
    await mkdir(part);
    await layOut(artifacts, manifest, part, onFile);
    await rename(part, folder).catch(async (error: NodeJS.ErrnoException) => {
      // Another process of this worker was faster: what it made is the same.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return laidOut;
}

export async function readManifest(artifacts: ArtifactClient, ref: ArtifactRef): Promise<DatasetManifest> {
  const text = await readFile(await artifacts.get(ref), "utf8");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new AppError("DATASET_INVALID", "The data set's manifest is not JSON", { cause });
  }
  const parsed = datasetManifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path: where, message } = parsed.error.issues[0]!;
  throw new AppError("DATASET_INVALID", `The data set's manifest is not valid at ${where.join(".")}: ${message}`);
}

async function layOut(
  artifacts: ArtifactClient,
  { files }: DatasetManifest,
  folder: string,
  onFile: (done: number, total: number) => void,
): Promise<void> {
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const file = files[next++]!;
      await artifacts.place(file, path.join(folder, file.path)).catch((error: NodeJS.ErrnoException) => {
        next = files.length;
        if (error.code === "EEXIST" || error.code === "ENOTDIR" || error.code === "EISDIR")
          throw new AppError("DATASET_INVALID", `Two files of the data set are in each other's way at ${file.path}`);
        throw error;
      });
      onFile(++done, files.length);
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: DOWNLOADS }, work));
  const failure = settled.find((outcome) => outcome.status === "rejected");
  if (failure) throw failure.reason;
}

async function removeOldest(home: string): Promise<void> {
  const sets: { folder: string; usedAt: number }[] = [];
  for (const name of await readdir(home)) {
    const folder = path.join(home, name);
    const info = await stat(folder).catch(() => null);
    if (!info) continue;
    // Of a process that died; one that is at work is younger.
    if (name.endsWith(".part")) {
      if (Date.now() - info.mtimeMs > 24 * 3600 * 1000) await rm(folder, { recursive: true, force: true });
    } else sets.push({ folder, usedAt: info.mtimeMs });
  }
  for (const { folder } of sets.sort((a, b) => b.usedAt - a.usedAt).slice(KEPT_SETS - 1))
    await rm(folder, { recursive: true, force: true });
}
