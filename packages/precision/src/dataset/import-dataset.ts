import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { hashDistance } from "@octet/shared/domain/coverage";
import {
  type ClassCounts,
  type DatasetImage,
  type DatasetLayout,
  type DatasetManifest,
  MOST_BOXES,
  packBoxes,
} from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";
import type { DetectionDataset } from "@octet/vision/dataset/dataset";
import { readDataset } from "@octet/vision/dataset/read-dataset";
import { hashFile } from "../files/hash-file.ts";
import { imageSize } from "../validate/prepared-images.ts";
import { imageFacts } from "./image-facts.ts";

export interface ImportOptions {
  /** Absolute. */
  folder: string;
  layout: DatasetLayout;
  /** Inside the folder; null: found by the layout's habits. */
  images: string | null;
  groundTruth: string | null;
  /** Calibration frames that differ in no more bits are one. Default 3. */
  duplicateBits?: number;
  onProgress?(done: number, total: number): void;
  signal?: AbortSignal;
}

export interface ImportedDataset {
  manifest: DatasetManifest;
  images: DatasetImage[];
  /** A file's path in the data set → its path below the folder that was read. */
  sources: ReadonlyMap<string, string>;
  labels: number;
  /** Of the labels; empty without. */
  classes: ClassCounts;
  duplicates: number;
  warnings: string[];
}

const IMAGE = /\.(jpe?g|png|webp|bmp|avif|tiff?)$/i;

/** Where each layout's images and labels usually lie. */
const habits: Record<DatasetLayout, { images: readonly string[]; labels: readonly string[] }> = {
  images: { images: ["images"], labels: [] },
  wider: {
    images: ["images", "WIDER_val/images", "WIDER_val", "WIDER_train/images"],
    labels: ["ground_truth", "eval_tools/ground_truth", "wider_face_split"],
  },
  yolo: { images: ["images"], labels: ["labels"] },
  coco: { images: ["images", "val2017", "train2017"], labels: ["annotations.json", "instances.json"] },
  voc: { images: ["JPEGImages", "images"], labels: ["Annotations", "annotations"] },
};

/**
 * Reads a folder as a data set: its images' size, light and hash, its labels, and the manifest that names its files. Of
 * layout `images`, near-duplicates are left out.
 * @throws AppError DATASET_INVALID, CALIBRATION_EMPTY
 */
export async function importDataset(options: ImportOptions): Promise<ImportedDataset> {
  const { folder, layout, duplicateBits = 3, onProgress, signal } = options;
  const all = await filesBelow(folder);
  const root = commonFolder(all);
  const images = options.images ?? find(folder, root, habits[layout].images) ?? root;
  const groundTruth =
    layout === "images" ? null : (options.groundTruth ?? find(folder, root, [...habits[layout].labels, ...soleJson(all, root)]));
  if (layout !== "images" && !groundTruth)
    throw new AppError("DATASET_INVALID", `No labels were found for the layout ${layout}`, {
      hint: `They are looked for in ${habits[layout].labels.join(", ")}. Say where they are.`,
    });
  const pictures = all.filter((file) => IMAGE.test(file) && isBelow(file, images));
  if (pictures.length === 0)
    throw new AppError(layout === "images" ? "CALIBRATION_EMPTY" : "DATASET_INVALID", "There are no images in it", {
      hint: "JPEG, PNG, WebP, BMP, AVIF and TIFF are read.",
    });
  const labelled = layout === "images" ? null : await labelsOf(folder, layout, images, groundTruth!);
  const kept: { file: string; image: DatasetImage }[] = [];
  const warnings = [...(labelled?.warnings ?? [])];
  let duplicates = 0;
  for (const [at, file] of pictures.entries()) {
    signal?.throwIfAborted();
    onProgress?.(at, pictures.length);
    const facts = await imageFacts(path.join(folder, file)).catch((error: unknown) => {
      warnings.push(`${file} is left out: ${AppError.from(error).message}`);
      return null;
    });
    if (!facts) continue;
    if (layout === "images" && kept.some(({ image }) => hashDistance(image.dhash, facts.dhash) <= duplicateBits)) {
      duplicates++;
      continue;
    }
    const { sha256, sizeBytes } = await hashFile(path.join(folder, file));
    const labels = labelled?.byImage.get(path.posix.relative(images, file));
    const image = { path: `images/${path.posix.relative(images, file)}`, sha256, sizeBytes, ...facts, cameraId: null, capturedAt: null };
    const boxes = labels?.map(({ box: { x, y, w, h } }) => ({
      x: x / facts.width,
      y: y / facts.height,
      w: w / facts.width,
      h: h / facts.height,
    }));
    kept.push({
      file,
      image: {
        ...image,
        faces: labels?.length ?? null,
        faceSizes: boxes?.map(({ h }) => h) ?? [],
        boxes: packBoxes(boxes ?? []),
        boxClasses: labels?.slice(0, MOST_BOXES).map(({ place }) => place) ?? [],
      },
    });
  }
  if (kept.length === 0)
    throw new AppError("DATASET_INVALID", `None of the ${pictures.length} images can be decoded`, { hint: warnings[0] ?? "" });
  const sources = new Map(kept.map(({ file, image }) => [image.path, file]));
  const files = kept.map(({ image: { path: name, sha256, sizeBytes } }) => ({ path: name, sha256, sizeBytes }));
  for (const file of groundTruth ? all.filter((one) => one === groundTruth || isBelow(one, groundTruth)) : []) {
    const inside = file === groundTruth ? path.posix.basename(file) : path.posix.relative(groundTruth!, file);
    files.push({ path: `labels/${inside}`, ...(await hashFile(path.join(folder, file))) });
    sources.set(`labels/${inside}`, file);
  }
  // It may lie above the labels; in what is kept they are together.
  const namesFile = labelled?.namesFile ?? null;
  const inside = namesFile === null ? "" : `labels/${path.basename(namesFile)}`;
  if (namesFile !== null && !sources.has(inside)) {
    files.push({ path: inside, ...(await hashFile(namesFile)) });
    sources.set(inside, path.relative(folder, namesFile).split(path.sep).join("/"));
  }
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const isFile = groundTruth !== null && all.includes(groundTruth);
  return {
    manifest: {
      layout,
      images: "images",
      groundTruth: groundTruth && (isFile ? `labels/${path.posix.basename(groundTruth)}` : "labels"),
      files,
    },
    images: kept.map(({ image }) => image),
    sources,
    labels: labelled ? [...labelled.byImage.values()].reduce((sum, { length }) => sum + length, 0) : 0,
    classes: labelled?.classes ?? [],
    duplicates,
    warnings,
  };
}

async function labelsOf(folder: string, layout: Exclude<DatasetLayout, "images">, images: string, groundTruth: string) {
  const dataset = await readDataset({
    format: layout,
    images: path.join(folder, images),
    groundTruth: path.join(folder, groundTruth),
    imageSize,
    within: folder,
  });
  const classes = classCounts(dataset);
  const places = dataset.classes.map((label) => classes.findIndex((one) => one.label === label));
  // Without what is not to be found: WIDER's ignored faces, COCO's crowds.
  const byImage = new Map(
    dataset.images.map(({ id, truth }) => [
      id,
      Array.from({ length: truth.count }, (_, at) => at).flatMap((at) => {
        if (truth.ignore[at]) return [];
        const [x, y, w, h] = truth.boxes.slice(at * 4, at * 4 + 4) as unknown as [number, number, number, number];
        return [{ box: { x, y, w, h }, place: places[truth.classes[at]!] ?? 0 }];
      }),
    ]),
  );
  const warnings = dataset.warnings.map(
    ({ file, line, message }) => `${path.relative(folder, file)}${line === null ? "" : `, line ${line}`}: ${message}`,
  );
  if (dataset.missing.length > 0)
    warnings.push(`${dataset.missing.length} of ${dataset.total} labelled images are missing, ${dataset.missing[0]} for one`);
  return { byImage, namesFile: dataset.namesFile, classes, warnings };
}

/** Of what is to be found. */
function classCounts({ classes, images }: DetectionDataset): ClassCounts {
  const counts = classes.map(() => 0);
  for (const { truth } of images)
    for (let at = 0; at < truth.count; at++) if (!truth.ignore[at]) counts[truth.classes[at]!] = (counts[truth.classes[at]!] ?? 0) + 1;
  return classes
    .map((label, index) => ({ label, count: counts[index]! }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** Paths with forward slashes, sorted; hidden ones and links are left out. */
export async function filesBelow(folder: string, inside = ""): Promise<string[]> {
  const entries = await readdir(path.join(folder, inside), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith(".") || entry.name === "__MACOSX") continue;
    const name = inside === "" ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, name)));
    else if (entry.isFile()) found.push(name);
  }
  return found;
}

/** The folders that all files share: archives often hold one folder with everything in it. "." for none. */
function commonFolder(files: readonly string[]): string {
  const [first] = files;
  if (!first) throw new AppError("DATASET_INVALID", "It holds no files");
  let parts = first.split("/").slice(0, -1);
  for (const file of files) {
    const other = file.split("/");
    let same = 0;
    while (same < parts.length && parts[same] === other[same]) same++;
    parts = parts.slice(0, same);
  }
  return parts.length === 0 ? "." : parts.join("/");
}

function find(folder: string, root: string, names: readonly string[]): string | null {
  for (const base of [root, path.posix.dirname(root), "."])
    for (const name of names) {
      const candidate = path.posix.join(base, name);
      if (existsSync(path.join(folder, candidate))) return candidate;
    }
  return null;
}

const soleJson = (files: readonly string[], root: string): string[] => {
  const found = files.filter((file) => file.endsWith(".json"));
  return found.length === 1 ? [path.posix.relative(root, found[0]!)] : [];
};

const isBelow = (file: string, folder: string): boolean => folder === "." || file.startsWith(`${folder}/`);
