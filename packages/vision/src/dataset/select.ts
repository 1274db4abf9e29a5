import { AppError } from "@octet/shared/errors";
import { type GroundTruth, groundTruth } from "../evaluate/ground-truth.ts";
import type { DetectionDataset } from "./dataset.ts";

/**
 * The data set with one class only, for a detector of one class. Without a name: the only class there is, or the one
 * called as the detector's label.
 * @throws AppError BAD_INPUT where that is none, or not clear
 */
export function selectClass(dataset: DetectionDataset, label: string, wanted?: string): DetectionDataset {
  const named = dataset.classes.findIndex((name) => name.toLowerCase() === (wanted ?? label).toLowerCase());
  const index = named >= 0 ? named : wanted === undefined && dataset.classes.length === 1 ? 0 : -1;
  if (index < 0)
    throw new AppError("BAD_INPUT", `The data set has no class "${wanted ?? label}"`, {
      hint: `Name one of its classes: ${dataset.classes.slice(0, 20).join(", ")}.`,
    });
  const images = dataset.images.map((image) => ({ ...image, truth: ofClass(image.truth, index) }));
  return { ...dataset, classes: [dataset.classes[index]!], images };
}

function ofClass(truth: GroundTruth, classIndex: number): GroundTruth {
  if (truth.classes.every((index) => index === classIndex) && classIndex === 0) return truth;
  const kept = Array.from(truth.classes, (_, i) => i).filter((i) => truth.classes[i] === classIndex);
  return groundTruth(
    kept.map((i) => ({
      x: truth.boxes[i * 4]!,
      y: truth.boxes[i * 4 + 1]!,
      w: truth.boxes[i * 4 + 2]!,
      h: truth.boxes[i * 4 + 3]!,
      ignore: truth.ignore[i] === 1,
      crowd: truth.crowd[i] === 1,
      area: truth.areas[i]!,
    })),
  );
}

/** At most `count` of the images, evenly spread over the set, so that no folder's kind of scene is left out. */
export function sampleImages(dataset: DetectionDataset, count: number): DetectionDataset {
  const { images } = dataset;
  if (images.length <= count) return dataset;
  return { ...dataset, images: Array.from({ length: count }, (_, i) => images[Math.floor((i * images.length) / count)]!) };
}
