import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { datasetInvalid } from "./dataset.ts";

const imageName = /\.(jpe?g|png|webp|bmp|tiff?)$/i;

/** The images below a folder, found once. */
export interface ImageFolder {
  folder: string;
  /** Paths below the folder with forward slashes, sorted. */
  files: string[];
  /** The path below the folder that a ground truth means, or null. */
  find(name: string): string | null;
}

/**
 * A ground truth's name of an image may begin above or below `folder`, leave out the extension's case, or be the bare
 * file name: the longest ending that names exactly one image counts.
 * @throws AppError DATASET_INVALID where the folder is missing or has no images
 */
export async function listImages(folder: string): Promise<ImageFolder> {
  const absolute = path.resolve(folder);
  const entries = await readdir(absolute, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw datasetInvalid(folder, null, "the folder of images cannot be read", { hint: "Give the folder that holds the images.", cause });
  });
  const files = entries
    .filter((entry) => !entry.isDirectory() && imageName.test(entry.name))
    .map((entry) => path.relative(absolute, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
  if (files.length === 0)
    throw datasetInvalid(folder, null, "the folder has no images", { hint: "Images end in .jpg, .jpeg, .png, .webp, .bmp or .tif." });
  const byName = new Map<string, string[]>();
  for (const file of files) {
    const base = baseName(file);
    const before = byName.get(base);
    if (before) before.push(file);
    else byName.set(base, [file]);
  }
  return {
    folder: absolute,
    files,
    find(name) {
      const wanted = name.replaceAll("\\", "/").toLowerCase();
      let candidates = byName.get(baseName(wanted)) ?? [];
      const parts = wanted.split("/");
      for (let used = 1; candidates.length > 1 && used < parts.length; used++) {
        const ending = `/${parts.slice(-used - 1).join("/")}`;
        const closer = candidates.filter((file) => `/${file.toLowerCase()}`.endsWith(ending));
        if (closer.length > 0) candidates = closer;
      }
      return candidates.length === 1 ? candidates[0]! : (candidates.find((file) => file.toLowerCase() === wanted) ?? null);
    },
  };
}

const baseName = (file: string) => file.slice(file.lastIndexOf("/") + 1).toLowerCase();

export async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw datasetInvalid(file, null, `it cannot be read: ${AppError.from(cause).message}`, { cause });
  });
}

export const isFolder = (file: string): Promise<boolean> =>
  stat(file).then(
    (info) => info.isDirectory(),
    () => false,
  );
