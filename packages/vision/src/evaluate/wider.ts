import { AppError } from "@octet/shared/errors";
import { bestFirst, checkDetections, type DetectedBoxes } from "./ground-truth.ts";
import type { ResamplableAp } from "./resamplable.ts";
import { bestOverlaps } from "./wider-overlap.ts";

export const widerSubsets = ["easy", "medium", "hard"] as const;
export type WiderSubset = (typeof widerSubsets)[number];

/** The ground truth of one image, as the official files have it. */
export interface WiderTruth {
  /** x,y,w,h per face, pixels; degenerate ones too, because the subsets' lists count them. */
  boxes: Float64Array;
  /** 1 per face that counts in the subset; the others are ignored in it. */
  counted: Readonly<Record<WiderSubset, Uint8Array>>;
}

export interface WiderSubsetResult extends ResamplableAp {
  /** Counted faces, those of images without detections too. */
  faces: number;
  /** Precision and recall at the thresholds 1 − (t+1)/1000 of the normalised score, t = 0…999. */
  precision: Float64Array;
  recall: Float64Array;
}

export const WIDER_THRESHOLDS = 1000;
/** An overlap of this much is a match. */
const MATCH_IOU = 0.5;

/** What a subset's matching made of one image's detections, one entry for each that is a proposal. */
interface Proposals {
  /** First threshold index at which the proposal counts. */
  at: Uint16Array;
  /** 1: recalls a face that none before it did. 0: a false positive, duplicates included. */
  recalls: Uint8Array;
  faces: number;
}

/**
 * Average precision on WIDER FACE by the official protocol (Yang et al., CVPR 2016; the MATLAB `eval_tools`): scores
 * normalised by one minimum and maximum over all detections, 1000 thresholds, overlaps with +1 pixel, faces outside the
 * subset ignored. `images` may be a part of the set: then the figure is that part's, and the normalisation too.
 * Resampling keeps the whole set's normalisation.
 * @throws AppError BAD_INPUT where detections do not fit the images
 */
export function evaluateWider(images: readonly WiderTruth[], detections: readonly DetectedBoxes[]): Record<WiderSubset, WiderSubsetResult> {
  checkDetections(images, detections);
  const normalise = normalisation(detections);
  const matched = images.map((image, index) => matchImage(image, detections[index]!, normalise));
  const result = (subset: WiderSubset) => subsetResult(matched.map((proposals) => proposals[subset]));
  return { easy: result("easy"), medium: result("medium"), hard: result("hard") };
}

function normalisation(detections: readonly DetectedBoxes[]): (score: number) => number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const { scores } of detections)
    for (const score of scores) {
      least = Math.min(least, score);
      most = Math.max(most, score);
    }
  // One score for all: the official code divides by zero; they all count from the first threshold on.
  return most > least ? (score) => (score - least) / (most - least) : () => 1;
}

const threshold = (index: number) => 1 - (index + 1) / WIDER_THRESHOLDS;

/** The first index whose threshold `score` reaches. Compared, not computed: the thresholds are rounded. */
function firstThreshold(score: number): number {
  let index = Math.min(WIDER_THRESHOLDS - 1, Math.max(0, Math.ceil((1 - score) * WIDER_THRESHOLDS) - 1));
  while (index > 0 && score >= threshold(index - 1)) index--;
  while (index < WIDER_THRESHOLDS - 1 && score < threshold(index)) index++;
  return index;
}

function matchImage(
  { boxes, counted }: WiderTruth,
  detected: DetectedBoxes,
  normalise: (score: number) => number,
): Record<WiderSubset, Proposals> {
  const count = boxes.length / 4;
  const order = bestFirst(detected.scores);
  // The official code leaves out an image without labelled faces, its false positives too.
  const considered = count === 0 ? new Uint32Array(0) : order;
  const { best, overlap } = bestOverlaps(detected.boxes, boxes, considered);
  const at = Uint16Array.from(considered, (index) => firstThreshold(normalise(detected.scores[index]!)));
  const match = (subset: WiderSubset): Proposals => {
    const counts = counted[subset];
    if (counts.length !== count) throw new AppError("BAD_INPUT", `An image has ${count} faces but ${counts.length} marks for "${subset}"`);
    const recalled = new Uint8Array(count);
    const kept: number[] = [];
    const recalls: number[] = [];
    for (let i = 0; i < considered.length; i++) {
      const face = best[i]!;
      const matches = overlap[i]! >= MATCH_IOU;
      if (matches && counts[face] === 0) continue;
      kept.push(at[i]!);
      recalls.push(matches && recalled[face] === 0 ? 1 : 0);
      if (matches) recalled[face] = 1;
    }
    return { at: Uint16Array.from(kept), recalls: Uint8Array.from(recalls), faces: counts.reduce((sum, flag) => sum + flag, 0) };
  };
  return { easy: match("easy"), medium: match("medium"), hard: match("hard") };
}

function subsetResult(images: readonly Proposals[]): WiderSubsetResult {
  const { faces, precision, recall } = curve(images);
  return {
    images: images.length,
    faces,
    precision,
    recall,
    ap(weights) {
      if (weights && weights.length !== images.length)
        throw new AppError("BAD_INPUT", `${weights.length} weights for ${images.length} images`);
      const weighted = weights ? curve(images, weights) : { faces, precision, recall };
      return weighted.faces === 0 ? null : areaUnder(weighted.recall, weighted.precision);
    },
  };
}

function curve(images: readonly Proposals[], weights?: Uint32Array) {
  const precision = new Float64Array(WIDER_THRESHOLDS);
  const recall = new Float64Array(WIDER_THRESHOLDS);
  let faces = 0;
  for (const [index, proposals] of images.entries()) {
    const weight = weights ? weights[index]! : 1;
    if (weight === 0) continue;
    faces += weight * proposals.faces;
    for (let i = 0; i < proposals.at.length; i++) {
      precision[proposals.at[i]!]! += weight;
      recall[proposals.at[i]!]! += weight * proposals.recalls[i]!;
    }
  }
  let proposed = 0;
  let recalled = 0;
  for (let t = 0; t < WIDER_THRESHOLDS; t++) {
    proposed += precision[t]!;
    recalled += recall[t]!;
    // 0/0, which MATLAB's max() passes over.
    precision[t] = proposed === 0 ? 0 : recalled / proposed;
    recall[t] = faces === 0 ? 0 : recalled / faces;
  }
  return { faces, precision, recall };
}

/** The area under the precision envelope (VOC 2010's): recall padded by 0 and 1, precision by 0 and 0. */
function areaUnder(recall: Float64Array, precision: Float64Array): number {
  let area = 0;
  let envelope = 0;
  for (let t = recall.length - 1; t >= 0; t--) {
    envelope = Math.max(envelope, precision[t]!);
    area += (recall[t]! - (t > 0 ? recall[t - 1]! : 0)) * envelope;
  }
  return area;
}
