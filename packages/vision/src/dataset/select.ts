import { AppError } from "@octet/shared/errors";
import { type DetectedBoxes, type GroundTruth, groundTruth } from "../evaluate/ground-truth.ts";
import type { DetectionDataset } from "./dataset.ts";

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * The data set with one class only, for a detector of one class. Without a name: the only class there is, or the one
 * called as the detector's label.
 * @throws AppError BAD_INPUT where that is none, or not clear
 */
export function selectClass(dataset: DetectionDataset, label: string, wanted?: string): DetectionDataset {
  const named = dataset.classes.findIndex((name) => sameName(name, wanted ?? label));
  const index = named >= 0 ? named : wanted === undefined && dataset.classes.length === 1 ? 0 : -1;
  if (index < 0)
    throw new AppError("BAD_INPUT", `The data set has no class "${wanted ?? label}"`, {
      hint: `Name one of its classes: ${dataset.classes.slice(0, 20).join(", ")}.`,
    });
  return keepClasses(dataset, [index]);
}

export interface SharedClasses {
  /** With the classes that the detector has too, and no others. */
  dataset: DetectionDataset;
  /** Which of these the detector's class at this index is; −1: none. */
  classOf: readonly number[];
}

/**
 * What a detector with these labels is measured on: the classes that it and the data set have in common, by name. A detector
 * of one class is measured on the only class there is, whatever it is called.
 * @param wanted only this class
 * @throws AppError BAD_INPUT where there is none
 */
export function sharedClasses(dataset: DetectionDataset, labels: readonly string[], wanted?: string): SharedClasses {
  if (labels.length === 1) return { dataset: selectClass(dataset, labels[0]!, wanted), classOf: [0] };
  const shared = Array.from(dataset.classes, (_, index) => index).filter((index) => {
    const name = dataset.classes[index]!;
    return (wanted === undefined || sameName(name, wanted)) && labels.some((label) => sameName(label, name));
  });
  if (shared.length === 0)
    throw new AppError(
      "BAD_INPUT",
      wanted === undefined
        ? "The data set and the detector have no class in common"
        : `The data set and the detector do not both have the class "${wanted}"`,
      { hint: `The data set's: ${dataset.classes.slice(0, 20).join(", ")}. The detector's: ${labels.slice(0, 20).join(", ")}.` },
    );
  const classOf = labels.map((label) => shared.findIndex((index) => sameName(label, dataset.classes[index]!)));
  return { dataset: keepClasses(dataset, shared), classOf };
}

/** Detections of each image whose classes are a detector's, as those of a data set; what the data set does not know is left out. */
export function detectionsOf(found: readonly DetectedBoxes[], classOf: readonly number[]): DetectedBoxes[] {
  return found.map(({ boxes, scores, classes }) => {
    const of = (at: number) => classOf[classes?.[at] ?? 0] ?? -1;
    const kept = Array.from(scores, (_, at) => at).filter((at) => of(at) >= 0);
    return {
      boxes: Float64Array.from(kept.flatMap((at) => [...boxes.subarray(at * 4, at * 4 + 4)])),
      scores: Float64Array.from(kept, (at) => scores[at]!),
      classes: Uint16Array.from(kept, of),
    };
  });
}

/** With these classes only, in this order. */
function keepClasses(dataset: DetectionDataset, kept: readonly number[]): DetectionDataset {
  const images = dataset.images.map((image) => ({ ...image, truth: ofClasses(image.truth, kept) }));
  return { ...dataset, classes: kept.map((index) => dataset.classes[index]!), images };
}

function ofClasses(truth: GroundTruth, classes: readonly number[]): GroundTruth {
  const newIndex = (i: number) => classes.indexOf(truth.classes[i]!);
  if (truth.classes.every((index, i) => newIndex(i) === index)) return truth;
  const kept = Array.from(truth.classes, (_, i) => i).filter((i) => newIndex(i) >= 0);
  return groundTruth(
    kept.map((i) => ({
      x: truth.boxes[i * 4]!,
      y: truth.boxes[i * 4 + 1]!,
      w: truth.boxes[i * 4 + 2]!,
      h: truth.boxes[i * 4 + 3]!,
      classIndex: newIndex(i),
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
