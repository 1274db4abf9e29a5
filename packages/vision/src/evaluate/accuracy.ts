import type { DetectionDataset } from "../dataset/dataset.ts";
import { type CocoResult, evaluateCoco } from "./coco.ts";
import type { DetectedBoxes } from "./ground-truth.ts";
import { type OperatingPoint, operatingPoints } from "./operating-point.ts";
import type { ResamplableAp } from "./resamplable.ts";
import { evaluateWider, type WiderSubset, widerSubsets } from "./wider.ts";

export interface Accuracy {
  /** Average precision of each of WIDER FACE's subsets, 0–1; null without its official files. */
  wider: Record<WiderSubset, { ap: number | null; faces: number }> | null;
  coco: Omit<CocoResult, "resamplable">;
  /** At the threshold that was asked for, IoU 0.5. */
  atThreshold: OperatingPoint;
  /** At the threshold with the largest F1; null where nothing was detected. */
  atBestF1: OperatingPoint | null;
  /** The figures that a change of a model is judged by, to resample: easy, medium and hard, or ap and ap50. */
  figures: Readonly<Record<string, ResamplableAp>>;
}

/** COCO's limit; the other protocols have none, and a crowd has more faces. */
const COCO_DETECTIONS = 100;

/**
 * All figures of a detector on a data set whose classes it has (see `sharedClasses`): COCO's averaged over the classes, the
 * rates over all objects. `detections` are those of `dataset.images`, in order. With WIDER's subsets, faces that "hard" does not count are ignored in the COCO figures and rates.
 * @throws AppError BAD_INPUT where detections do not fit the images
 */
export function measureAccuracy(
  { format, classes, images }: Pick<DetectionDataset, "format" | "classes" | "images">,
  detections: readonly DetectedBoxes[],
  { threshold }: { threshold: number },
): Accuracy {
  const truths = images.map(({ truth }) => truth);
  const { resamplable, ...coco } = evaluateCoco(truths, detections, {
    classCount: classes.length,
    maxDetections: format === "coco" ? COCO_DETECTIONS : Number.POSITIVE_INFINITY,
  });
  const points = operatingPoints(truths, detections, { classCount: classes.length });
  const withSubsets = images.flatMap(({ truth, subsets }) => (subsets ? [{ boxes: truth.boxes, counted: subsets }] : []));
  const wider = withSubsets.length === images.length ? evaluateWider(withSubsets, detections) : null;
  return {
    wider:
      wider &&
      (Object.fromEntries(widerSubsets.map((subset) => [subset, { ap: wider[subset].ap(), faces: wider[subset].faces }])) as NonNullable<
        Accuracy["wider"]
      >),
    coco,
    atThreshold: points.at(threshold),
    atBestF1: points.best,
    figures: wider ?? { ap: resamplable.ap, ap50: resamplable.ap50 },
  };
}
