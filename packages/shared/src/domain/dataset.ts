import { z } from "zod";
import { artifactRefSchema, sha256Schema } from "./artifact.ts";
import type { Box } from "./detection.ts";

/** `calibration`: images alone. `validation`: images with boxes. */
export const datasetKindSchema = z.enum(["calibration", "validation"]);
export type DatasetKind = z.infer<typeof datasetKindSchema>;

export const datasetLayoutSchema = z.enum(["images", "wider", "yolo", "coco", "voc"]);
export type DatasetLayout = z.infer<typeof datasetLayoutSchema>;

/** A path inside a data set: forward slashes, no way out. */
export const datasetPathSchema = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (path) => !/^[/\\]|^[A-Za-z]:|\\|\0/.test(path) && path.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    "The path leaves the data set",
  );

/**
 * One version of a data set, as a file: its sha256 is the version's identity. A worker lays the files out in a folder and
 * reads it as `octet validate` reads a folder.
 */
export const datasetManifestSchema = z.object({
  layout: datasetLayoutSchema,
  /** Folder of the images, and file or folder of the labels (null for layout `images`). */
  images: datasetPathSchema,
  groundTruth: datasetPathSchema.nullable(),
  /** Sorted by path. */
  files: z.array(artifactRefSchema.extend({ path: datasetPathSchema })),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

/** What is known of one image of a data set. */
export const datasetImageSchema = z.object({
  path: datasetPathSchema,
  sha256: sha256Schema,
  sizeBytes: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  cameraId: z.string().nullable(),
  capturedAt: z.coerce.date().nullable(),
  /** Mean luma, 0–255. */
  brightness: z.number(),
  /** Difference hash, 16 hexadecimal digits: near-duplicates differ in few bits. */
  dhash: z.string().regex(/^[0-9a-f]{16}$/),
  /** Faces that the current model found or the labels tell; null where nobody looked. */
  faces: z.number().int().nullable(),
  /** Heights of these faces as shares of the image's height, 0–1. */
  faceSizes: z.array(z.number()),
  /**
   * To be drawn: x, y, width and height of each of these objects, in 1/10,000 of the image's width and height; of the first
   * `MOST_BOXES`. Empty where nobody looked, and in versions that are older than this field.
   */
  boxes: z.array(z.number().int()).default([]),
  /** Class of each box, by its place in the `classes` of the version's reading; empty where there are none. */
  boxClasses: z.array(z.number().int()).default([]),
});
export type DatasetImage = z.infer<typeof datasetImageSchema>;

/** Nobody tells more apart in one picture; the numbers of an image bound what a version takes in messages and the database. */
export const MOST_BOXES = 500;
const BOX_UNITS = 10_000;

/** @param boxes as shares of the image, 0–1; what lies outside of it is cut off */
export function packBoxes(boxes: readonly Box[]): number[] {
  const unit = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * BOX_UNITS);
  return boxes.slice(0, MOST_BOXES).flatMap(({ x, y, w, h }) => {
    const [left, top] = [unit(x), unit(y)];
    return [left, top, unit(x + w) - left, unit(y + h) - top];
  });
}

/** @returns shares of the image, 0–1 */
export function unpackBoxes(packed: readonly number[]): Box[] {
  const shares = packed.map((value) => value / BOX_UNITS);
  return Array.from({ length: Math.floor(shares.length / 4) }, (_, at) => {
    const [x, y, w, h] = shares.slice(at * 4, at * 4 + 4) as [number, number, number, number];
    return { x, y, w, h };
  });
}

/** What the document asks a calibration set to have, images. */
export const CALIBRATION_IMAGES_WANTED = 1000;

/** Objects by class, most first. */
export const classCountsSchema = z.array(z.object({ label: z.string(), count: z.number().int() }));
export type ClassCounts = z.infer<typeof classCountsSchema>;

/** What reading an upload had to say of it: of what a version keeps of where it came from. */
export const readingSchema = z.object({
  warnings: z.array(z.string()).default([]),
  /** Empty of sets without labels, and of versions that are older than this field. */
  classes: classCountsSchema.default([]),
});
