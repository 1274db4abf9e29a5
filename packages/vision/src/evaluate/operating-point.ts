import { cocoAreas } from "./coco.ts";
import { checkDetections, type DetectedBoxes, type GroundTruth } from "./ground-truth.ts";
import { IGNORED, matchImage, TRUE_POSITIVE } from "./match.ts";
import { rank } from "./ranking.ts";

/** What a detector does when only detections with a score ≥ `threshold` count. Ratios are null where they are 0/0. */
export interface OperatingPoint {
  threshold: number;
  truePositives: number;
  /** Detections that match no object, or one that a better detection has. */
  falsePositives: number;
  /** Objects that no detection matches. */
  falseNegatives: number;
  /** TP / (TP + FP) */
  precision: number | null;
  /** TP / (TP + FN) */
  recall: number | null;
  /** FN / (TP + FN) = 1 − recall */
  missRate: number | null;
  /** FP / images */
  falsePositivesPerImage: number | null;
  /** FP / (TP + FP) = 1 − precision */
  falseDiscoveryRate: number | null;
  /** 2·TP / (2·TP + FP + FN) */
  f1: number | null;
}

export interface OperatingPoints {
  /** The figures at any threshold. */
  at(threshold: number): OperatingPoint;
  /** The threshold with the largest F1, the highest of equals; null where nothing was detected. */
  best: OperatingPoint | null;
}

export interface OperatingPointOptions {
  classCount?: number;
  /** Overlap from which a detection is of an object; default 0.5. */
  iou?: number;
}

/**
 * Precision, recall, miss and false-positive rates over a data set, matched as COCO does but with every detection;
 * several classes are counted together.
 * @throws AppError BAD_INPUT where detections do not fit the images
 */
export function operatingPoints(
  images: readonly GroundTruth[],
  detections: readonly DetectedBoxes[],
  { classCount = 1, iou = 0.5 }: OperatingPointOptions = {},
): OperatingPoints {
  checkDetections(images, detections);
  const matches = Array.from({ length: classCount }, (_, classIndex) => {
    const options = { classIndex, iouThresholds: [iou], area: cocoAreas.all, maxDetections: Number.POSITIVE_INFINITY };
    return images.map((truth, index) => matchImage(truth, detections[index]!, options));
  }).flat();
  const { scores, states, positives } = rank(matches, 1);
  const total = positives.reduce((sum, count) => sum + count, 0);
  // Entry i: among the i best detections.
  const truePositives = new Uint32Array(scores.length + 1);
  const falsePositives = new Uint32Array(scores.length + 1);
  for (let i = 0; i < scores.length; i++) {
    const state = states[0]![i]!;
    truePositives[i + 1] = truePositives[i]! + (state === TRUE_POSITIVE ? 1 : 0);
    falsePositives[i + 1] = falsePositives[i]! + (state === TRUE_POSITIVE || state === IGNORED ? 0 : 1);
  }
  const point = (threshold: number, taken: number): OperatingPoint => {
    const tp = truePositives[taken]!;
    const fp = falsePositives[taken]!;
    const fn = total - tp;
    return {
      threshold,
      truePositives: tp,
      falsePositives: fp,
      falseNegatives: fn,
      precision: ratio(tp, tp + fp),
      recall: ratio(tp, total),
      missRate: ratio(fn, total),
      falsePositivesPerImage: ratio(fp, images.length),
      falseDiscoveryRate: ratio(fp, tp + fp),
      f1: ratio(2 * tp, 2 * tp + fp + fn),
    };
  };
  let best: OperatingPoint | null = null;
  for (let i = 0; i < scores.length; i++) {
    // Equal scores count together or not at all.
    if (i + 1 < scores.length && scores[i + 1] === scores[i]) continue;
    const candidate = point(scores[i]!, i + 1);
    if (candidate.f1 !== null && (best?.f1 ?? -1) < candidate.f1) best = candidate;
  }
  const takenAt = (threshold: number) => {
    const first = scores.findIndex((score) => score < threshold);
    return first < 0 ? scores.length : first;
  };
  return { at: (threshold) => point(threshold, takenAt(threshold)), best };
}

const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
