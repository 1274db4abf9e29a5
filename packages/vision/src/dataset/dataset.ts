import { AppError } from "@octet/shared/errors";
import type { GroundTruth } from "../evaluate/ground-truth.ts";
import type { WiderTruth } from "../evaluate/wider.ts";

export const datasetFormats = ["wider", "yolo", "coco", "voc"] as const;
export type DatasetFormat = (typeof datasetFormats)[number];

export interface DatasetImage {
  /** The image's path below the image folder, with forward slashes. */
  id: string;
  /** Absolute. */
  path: string;
  /** Pixels as the ground truth declares them; null where it does not. */
  width: number | null;
  height: number | null;
  truth: GroundTruth;
  /** Which of `truth`'s boxes count in WIDER FACE's subsets; null for all but its official files. */
  subsets: WiderTruth["counted"] | null;
}

/** Something odd that does not keep a data set from being used. */
export interface DatasetWarning {
  file: string;
  /** From 1; null where the file has no lines to speak of. */
  line: number | null;
  message: string;
}

/** Images with labelled boxes, whichever layout they came in. */
export interface DetectionDataset {
  format: DatasetFormat;
  classes: string[];
  /** The file that names them (absolute), where it is one of its own: of YOLO. */
  namesFile?: string;
  /** Those that are in the image folder, by id. */
  images: DatasetImage[];
  /** Images that the ground truth knows. */
  total: number;
  /** Images that the ground truth knows and the folder lacks. */
  missing: string[];
  warnings: DatasetWarning[];
}

/** @returns the error that names where a data set is wrong */
export function datasetInvalid(
  file: string,
  line: number | null,
  reason: string,
  options: { hint?: string; cause?: unknown } = {},
): AppError {
  return new AppError("DATASET_INVALID", `${file}${line === null ? "" : `, line ${line}`}: ${reason}`, options);
}

/**
 * What is odd about a box, or null: boxes without area, and boxes that reach outside the image by more than a pixel
 * (labels are rounded). Unknown image sizes hide the latter.
 */
export function oddBox(box: { x: number; y: number; w: number; h: number }, width: number | null, height: number | null): string | null {
  const { x, y, w, h } = box;
  if (!(w > 0 && h > 0)) return `the box ${w}×${h} has no area`;
  if (width === null || height === null) return null;
  if (x >= width || y >= height || x + w <= 0 || y + h <= 0) return `the box lies outside the image (${width}×${height})`;
  if (x < -1 || y < -1 || x + w > width + 1 || y + h > height + 1) return `the box reaches outside the image (${width}×${height})`;
  return null;
}
