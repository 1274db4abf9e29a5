import path from "node:path";
import type { DetectionDataset } from "@octet/vision/dataset/dataset";
import { listImages } from "@octet/vision/dataset/image-folder";
import { type DetectedBoxes, groundTruth } from "@octet/vision/evaluate/ground-truth";

export interface UnlabelledImage {
  id: string;
  /** Absolute. */
  path: string;
}

/** @throws AppError DATASET_INVALID where the folder is missing or has no images */
export async function unlabelledImages(images: string): Promise<UnlabelledImage[]> {
  const { folder, files } = await listImages(images);
  return files.map((id) => ({ id, path: path.join(folder, id) }));
}

/** A data set whose labels are what a detector found at a score of `threshold` or more. */
export function pseudoLabelled(
  images: readonly UnlabelledImage[],
  detections: readonly DetectedBoxes[],
  { threshold, classes }: { threshold: number; classes: readonly string[] },
): Pick<DetectionDataset, "format" | "classes" | "images"> {
  return {
    // The format tells how many detections of an image count; all of them, here.
    format: "yolo",
    classes: [...classes],
    images: images.map(({ id, path: file }, index) => {
      const { boxes, scores, classes: classAt } = detections[index]!;
      const found = Array.from(scores, (_, at) => at).filter((at) => scores[at]! >= threshold);
      const truth = groundTruth(
        found.map((at) => ({
          x: boxes[at * 4]!,
          y: boxes[at * 4 + 1]!,
          w: boxes[at * 4 + 2]!,
          h: boxes[at * 4 + 3]!,
          classIndex: classAt?.[at] ?? 0,
        })),
      );
      return { id, path: file, width: null, height: null, truth, subsets: null };
    }),
  };
}
