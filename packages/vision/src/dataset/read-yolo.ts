import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { groundTruth } from "../evaluate/ground-truth.ts";
import { type DatasetImage, type DatasetWarning, type DetectionDataset, datasetInvalid } from "./dataset.ts";
import type { ImageFolder } from "./image-folder.ts";
import { readYoloLabels } from "./yolo-labels.ts";
import { findClassNames } from "./yolo-names.ts";

/** A folder of label files, named as the images (below the image folder, or by file name alone) with `.txt`. */
export async function readYoloDataset(
  folder: ImageFolder,
  labels: string,
  imageSize: (file: string) => Promise<{ width: number; height: number }>,
  within?: string,
): Promise<DetectionDataset> {
  const found = await readdir(labels, { recursive: true }).catch((cause: unknown) => {
    throw datasetInvalid(labels, null, "the folder of labels cannot be read", {
      hint: "Give the folder that holds the .txt files.",
      cause,
    });
  });
  const unused = new Set(
    found.map((file) => file.split(path.sep).join("/")).filter((file) => file.endsWith(".txt") && path.basename(file) !== "classes.txt"),
  );
  if (unused.size === 0) throw datasetInvalid(labels, null, "the folder has no label files (.txt)");
  const named = await findClassNames(labels, within);
  const names = named?.names ?? null;
  const images: DatasetImage[] = [];
  const warnings: DatasetWarning[] = [];
  let classCount = names?.length ?? 1;
  let labelled = 0;
  const sizes = await inBatches(folder.files, (id) => sizeOf(path.join(folder.folder, id), imageSize));
  for (const [index, id] of folder.files.entries()) {
    const { width, height } = sizes[index]!;
    const stem = id.replace(/\.[^./]+$/, "");
    const label = [`${stem}.txt`, `${path.posix.basename(stem)}.txt`].find((name) => unused.has(name));
    const source = path.join(labels, label ?? `${stem}.txt`);
    const text = label === undefined ? null : await readFile(source, "utf8");
    if (label === undefined) {
      warnings.push({ file: source, line: null, message: `${id} has no label file: taken as an image without objects` });
    } else {
      unused.delete(label);
      labelled++;
    }
    const read = readYoloLabels(text ?? "", source, { width, height, classCount: names?.length ?? null });
    warnings.push(...read.warnings);
    for (const { classIndex = 0 } of read.boxes) classCount = Math.max(classCount, classIndex + 1);
    images.push({ id, path: path.join(folder.folder, id), width, height, truth: groundTruth(read.boxes), subsets: null });
  }
  if (labelled === 0)
    throw datasetInvalid(labels, null, "none of its label files belongs to an image", {
      hint: `The labels of ${folder.files[0]} would be ${folder.files[0]!.replace(/\.[^./]+$/, "")}.txt.`,
    });
  const missing = [...unused];
  return {
    format: "yolo",
    ...(named ? { namesFile: named.file } : {}),
    classes: names ?? Array.from({ length: classCount }, (_, i) => `class ${i}`),
    images,
    total: images.length + missing.length,
    missing,
    warnings,
  };
}

async function sizeOf(file: string, imageSize: (file: string) => Promise<{ width: number; height: number }>) {
  return imageSize(file).catch((cause: unknown) => {
    throw datasetInvalid(file, null, `the image cannot be read: ${AppError.from(cause).message}`, { cause });
  });
}

/** A few at a time: a data set may have more files than a process may open. */
async function inBatches<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += 16) results.push(...(await Promise.all(list.slice(at, at + 16).map(work))));
  return results;
}
