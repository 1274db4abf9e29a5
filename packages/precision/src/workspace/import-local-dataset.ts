import { copyFile, mkdir, stat } from "node:fs/promises";
import path from "node:path";
import type { DatasetKind, DatasetLayout } from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";
import { importDataset } from "../dataset/import-dataset.ts";
import { unpackArchive } from "../dataset/unpack-archive.ts";
import { addLocalVersion, type LocalVersion } from "./dataset-store.ts";
import { inTemporaryFolder } from "./local-file.ts";

export interface LocalImportRequest {
  workspace: string;
  dataset: string;
  kind: DatasetKind;
  layout: DatasetLayout;
  /** One folder, one zip archive, or image files. */
  paths: readonly string[];
  /** Inside it; null: found by the layout's habits. */
  images: string | null;
  groundTruth: string | null;
  onProgress(stage: string, done: number, total: number): void;
}

export interface LocalImport {
  version: LocalVersion;
  duplicates: number;
  warnings: string[];
}

/** What paths are: a data set's folder, an archive of one, or images. @throws AppError BAD_INPUT where there is nothing */
export async function kindOfPaths(paths: readonly string[]): Promise<"folder" | "archive" | "files"> {
  for (const one of paths) {
    const info = await stat(one).catch(() => null);
    if (!info) throw new AppError("BAD_INPUT", `There is no ${one}`, { hint: "Give a folder, a zip archive, or image files." });
    if (info.isFile() && info.size === 0) throw new AppError("BAD_INPUT", `${one} is empty (0 bytes)`);
    if (paths.length > 1 && !info.isFile())
      throw new AppError("BAD_INPUT", `${one} is not a file`, { hint: "Give one folder, or one archive, or any number of image files." });
    if (paths.length === 1 && info.isDirectory()) return "folder";
    if (paths.length === 1 && /\.zip$/i.test(one)) return "archive";
  }
  return "files";
}

/** Paths in a data set of files that were named one by one. @throws AppError BAD_INPUT where two have one name */
export function flatNames(paths: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const one of paths) {
    const name = path.basename(one);
    if (names.has(name))
      throw new AppError("BAD_INPUT", `Two of the files are named ${name}`, { hint: "Put them into a folder, and import that." });
    names.set(name, one);
  }
  return names;
}

/**
 * Reads files as a version of a data set in a workspace.
 * @throws AppError BAD_INPUT, DATASET_INVALID, CALIBRATION_EMPTY, CONFLICT, DISK_FULL
 */
export async function importLocalDataset(request: LocalImportRequest): Promise<LocalImport> {
  const { workspace, dataset, kind, layout, paths, images, groundTruth, onProgress } = request;
  const what = await kindOfPaths(paths);
  return inTemporaryFolder(workspace, async (temporary) => {
    const folder = what === "folder" ? path.resolve(paths[0]!) : path.join(temporary, "files");
    if (what !== "folder") await mkdir(folder);
    if (what === "archive") {
      onProgress("unpacking", 0, 0);
      await unpackArchive(paths[0]!, folder);
    } else if (what === "files") for (const [name, file] of flatNames(paths)) await copyFile(file, path.join(folder, name));
    const { sources, classes, duplicates, warnings, ...found } = await importDataset({
      folder,
      layout,
      images,
      groundTruth,
      onProgress: (done, total) => onProgress("looking at images", done, total),
    });
    const scratch = path.join(temporary, "version");
    await mkdir(scratch);
    const version = await addLocalVersion(workspace, scratch, {
      ...found,
      dataset,
      kind,
      source: (file) => path.join(folder, sources.get(file)!),
      own: what !== "folder",
      origin: { from: what, files: found.manifest.files.length, classes, duplicates, warnings },
    });
    return { version, duplicates, warnings };
  });
}
