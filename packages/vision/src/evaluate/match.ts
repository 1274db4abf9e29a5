import { bestFirst, type DetectedBoxes, type GroundTruth } from "./ground-truth.ts";

/** States of a detection at one IoU threshold. */
export const FALSE_POSITIVE = 0;
export const TRUE_POSITIVE = 1;
export const IGNORED = 2;

export interface MatchOptions {
  classIndex: number;
  /** Ascending or not; one row of `states` each. */
  iouThresholds: readonly number[];
  /** Objects with an area (pixels²) outside [least, most] are ignored, and so are unmatched detections outside it. */
  area: readonly [least: number, most: number];
  /** Only so many best detections of an image and class are looked at. */
  maxDetections: number;
}

export interface ImageMatches {
  /** Best first. */
  scores: Float64Array;
  /** Per IoU threshold the state of each detection, in the order of `scores`. */
  states: Uint8Array[];
  /** Objects that are not ignored. */
  positives: number;
}

/**
 * Matches the detections of one class in one image to its objects, as pycocotools' `COCOeval.evaluateImg`: best score
 * first, each takes the free object that it overlaps most, one that counts before one that is ignored; a crowd may be
 * taken many times, and its overlap is the intersection over the detection's area.
 */
export function matchImage(truth: GroundTruth, detected: DetectedBoxes, options: MatchOptions): ImageMatches {
  const { classIndex, iouThresholds, area, maxDetections } = options;
  const outside = (value: number) => value < area[0] || value > area[1];
  const ours = indexesOf(detected.scores.length, (i) => (detected.classes?.[i] ?? 0) === classIndex);
  const order = Array.from(
    bestFirst(
      ours.map((i) => detected.scores[i]!),
      maxDetections,
    ),
    (at) => ours[at]!,
  );
  const isIgnored = (object: number) => truth.ignore[object] === 1 || truth.crowd[object] === 1 || outside(truth.areas[object]!);
  const objects = indexesOf(truth.count, (i) => truth.classes[i] === classIndex);
  // Ignored ones last, so that the search can stop at the first of them once it holds one that counts.
  const counted = objects.filter((object) => !isIgnored(object));
  const sorted = [...counted, ...objects.filter(isIgnored)];
  const overlaps = overlapsOf(truth, sorted, detected.boxes, order);
  const states = iouThresholds.map((threshold) => {
    const taken = new Uint8Array(sorted.length);
    return Uint8Array.from(order, (detection, d) => {
      let matched = -1;
      let least = Math.min(threshold, 1 - 1e-10);
      for (let o = 0; o < sorted.length; o++) {
        const crowd = truth.crowd[sorted[o]!] === 1;
        if (taken[o] === 1 && !crowd) continue;
        if (matched >= 0 && matched < counted.length && o >= counted.length) break;
        const overlap = overlaps[d * sorted.length + o]!;
        if (overlap < least) continue;
        least = overlap;
        matched = o;
      }
      if (matched >= 0) {
        taken[matched] = 1;
        return matched < counted.length ? TRUE_POSITIVE : IGNORED;
      }
      return outside(detected.boxes[detection * 4 + 2]! * detected.boxes[detection * 4 + 3]!) ? IGNORED : FALSE_POSITIVE;
    });
  });
  return { scores: Float64Array.from(order, (i) => detected.scores[i]!), states, positives: counted.length };
}

function indexesOf(count: number, belongs: (index: number) => boolean): number[] {
  const indexes: number[] = [];
  for (let i = 0; i < count; i++) if (belongs(i)) indexes.push(i);
  return indexes;
}

/** Row-major, one row per detection of `order`, one column per object of `sorted`. */
function overlapsOf(truth: GroundTruth, sorted: readonly number[], boxes: Float64Array, order: readonly number[]): Float64Array {
  const overlaps = new Float64Array(order.length * sorted.length);
  for (const [d, detection] of order.entries()) {
    const x = boxes[detection * 4]!;
    const y = boxes[detection * 4 + 1]!;
    const w = boxes[detection * 4 + 2]!;
    const h = boxes[detection * 4 + 3]!;
    for (const [o, object] of sorted.entries()) {
      const at = object * 4;
      const width = Math.min(w + x, truth.boxes[at + 2]! + truth.boxes[at]!) - Math.max(x, truth.boxes[at]!);
      if (width <= 0) continue;
      const height = Math.min(h + y, truth.boxes[at + 3]! + truth.boxes[at + 1]!) - Math.max(y, truth.boxes[at + 1]!);
      if (height <= 0) continue;
      const shared = width * height;
      const union = truth.crowd[object] === 1 ? w * h : w * h + truth.boxes[at + 2]! * truth.boxes[at + 3]! - shared;
      overlaps[d * sorted.length + o] = shared / union;
    }
  }
  return overlaps;
}
