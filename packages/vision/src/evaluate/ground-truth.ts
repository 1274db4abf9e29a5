import { AppError } from "@octet/shared/errors";

/** The labelled boxes of one image. Every array holds `count` entries, `boxes` four times as many. */
export interface GroundTruth {
  count: number;
  /** x,y,w,h per box in pixels of the image: top-left corner and size. */
  boxes: Float64Array;
  /** Index into the data set's class names. */
  classes: Uint16Array;
  /** 1: neither a miss when not found nor a false positive when found (COCO `ignore`, VOC `difficult`, WIDER `invalid`). */
  ignore: Uint8Array;
  /** 1: a region that may hold many objects (COCO `iscrowd`); always ignored, and matched any number of times. */
  crowd: Uint8Array;
  /** Pixels², by which COCO sorts into small, medium and large: the annotation's own area, else w·h. */
  areas: Float64Array;
}

/** What a detector found in one image, in any order. */
export interface DetectedBoxes {
  /** x,y,w,h per box in pixels of the image. */
  boxes: Float64Array;
  /** 0–1, one per box. */
  scores: Float64Array;
  /** Index into the data set's class names per box; absent where all are of class 0. */
  classes?: Uint16Array;
}

export interface TruthBox {
  x: number;
  y: number;
  w: number;
  h: number;
  classIndex?: number;
  ignore?: boolean;
  crowd?: boolean;
  area?: number;
}

export function groundTruth(list: readonly TruthBox[]): GroundTruth {
  return {
    count: list.length,
    boxes: Float64Array.from(list.flatMap(({ x, y, w, h }) => [x, y, w, h])),
    classes: Uint16Array.from(list, ({ classIndex = 0 }) => classIndex),
    ignore: Uint8Array.from(list, ({ ignore, crowd }) => (ignore || crowd ? 1 : 0)),
    crowd: Uint8Array.from(list, ({ crowd }) => (crowd ? 1 : 0)),
    areas: Float64Array.from(list, ({ w, h, area }) => area ?? w * h),
  };
}

/** Indexes of `scores`, best first; equal scores in their given order. At most `limit`. */
export function bestFirst(scores: ArrayLike<number>, limit = Number.POSITIVE_INFINITY): Uint32Array {
  const order = Uint32Array.from(scores, (_, index) => index).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return order.length > limit ? order.slice(0, limit) : order;
}

/** @throws AppError BAD_INPUT where images and detections do not belong together, or a box or score is no number */
export function checkDetections(images: readonly unknown[], detections: readonly DetectedBoxes[]): void {
  if (images.length !== detections.length)
    throw new AppError("BAD_INPUT", `There are detections of ${detections.length} images, but ground truth of ${images.length}`);
  for (const [index, { boxes, scores, classes }] of detections.entries()) {
    if (boxes.length !== scores.length * 4 || (classes && classes.length !== scores.length))
      throw new AppError("BAD_INPUT", `The detections of image ${index} have ${scores.length} scores and ${boxes.length / 4} boxes`);
    if (!scores.every(Number.isFinite) || !boxes.every(Number.isFinite))
      throw new AppError("BAD_INPUT", `The detections of image ${index} hold a value that is no number`);
  }
}
