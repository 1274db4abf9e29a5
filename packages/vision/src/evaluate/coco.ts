import { AppError } from "@octet/shared/errors";
import { checkDetections, type DetectedBoxes, type GroundTruth } from "./ground-truth.ts";
import { matchImage } from "./match.ts";
import { interpolatedPrecision, type Ranking, rank } from "./ranking.ts";
import type { ResamplableAp } from "./resamplable.ts";

/** 0.50, 0.55 … 0.95, as numpy's linspace rounds them. */
export const cocoIouThresholds: readonly number[] = Array.from({ length: 10 }, (_, i) => (i === 9 ? 0.95 : i * ((0.95 - 0.5) / 9) + 0.5));

/** Pixels²; both ends belong to it. */
export const cocoAreas = {
  all: [0, 1e10],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e10],
} as const satisfies Record<string, readonly [number, number]>;
export type CocoArea = keyof typeof cocoAreas;

export interface CocoOptions {
  /** Classes of the data set; default 1. */
  classCount?: number;
  /** Best detections per image and class that count; COCO's own limit is 100, the default. */
  maxDetections?: number;
}

/** Averages over the classes that have objects; null where no class has any. */
export interface CocoResult {
  /** Averaged over IoU 0.50–0.95. */
  ap: number | null;
  ap50: number | null;
  ap75: number | null;
  apByArea: Record<Exclude<CocoArea, "all">, number | null>;
  /** Average recall over IoU 0.50–0.95 with `maxDetections` detections an image. */
  ar: number | null;
  maxDetections: number;
  /** AP over IoU 0.50–0.95, and AP50, to resample. */
  resamplable: { ap: ResamplableAp; ap50: ResamplableAp };
}

/**
 * COCO's box metrics, equal to pycocotools' `COCOeval`.
 * @throws AppError BAD_INPUT where detections do not fit the images
 */
export function evaluateCoco(
  images: readonly GroundTruth[],
  detections: readonly DetectedBoxes[],
  { classCount = 1, maxDetections = 100 }: CocoOptions = {},
): CocoResult {
  checkDetections(images, detections);
  const classes = Array.from({ length: classCount }, (_, index) => index);
  const rankings = (area: CocoArea) =>
    classes.map((classIndex) => {
      const options = { classIndex, iouThresholds: cocoIouThresholds, area: cocoAreas[area], maxDetections };
      return rank(
        images.map((truth, index) => matchImage(truth, detections[index]!, options)),
        cocoIouThresholds.length,
      );
    });
  const all = rankings("all");
  const every = cocoIouThresholds.map((_, index) => index);
  const mean = (of: readonly Ranking[], thresholds: readonly number[], what: "ap" | "recall", weights?: Uint32Array) =>
    average(of.flatMap((ranking) => thresholds.flatMap((t) => interpolatedPrecision(ranking, t, weights)?.[what] ?? [])));
  const resamplable = (thresholds: readonly number[]): ResamplableAp => ({
    images: images.length,
    ap(weights) {
      if (weights && weights.length !== images.length)
        throw new AppError("BAD_INPUT", `${weights.length} weights for ${images.length} images`);
      return mean(all, thresholds, "ap", weights);
    },
  });
  return {
    ap: mean(all, every, "ap"),
    ap50: mean(all, [0], "ap"),
    ap75: mean(all, [5], "ap"),
    apByArea: {
      small: mean(rankings("small"), every, "ap"),
      medium: mean(rankings("medium"), every, "ap"),
      large: mean(rankings("large"), every, "ap"),
    },
    ar: mean(all, every, "recall"),
    maxDetections,
    resamplable: { ap: resamplable(every), ap50: resamplable([0]) },
  };
}

const average = (values: readonly number[]) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
