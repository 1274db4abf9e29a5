import { bestFirst } from "./ground-truth.ts";
import { IGNORED, type ImageMatches, TRUE_POSITIVE } from "./match.ts";

/** The detections of all images at one IoU threshold after another, best score first. */
export interface Ranking {
  /** Score, and the image that it came from, per detection. */
  scores: Float64Array;
  imageOf: Uint32Array;
  /** Per IoU threshold the detections' states. */
  states: Uint8Array[];
  /** Per image the objects that count. */
  positives: Uint32Array;
}

export function rank(images: readonly ImageMatches[], thresholds: number): Ranking {
  const total = images.reduce((sum, { scores }) => sum + scores.length, 0);
  const scores = new Float64Array(total);
  const imageOf = new Uint32Array(total);
  const states = Array.from({ length: thresholds }, () => new Uint8Array(total));
  let at = 0;
  for (const [index, image] of images.entries()) {
    scores.set(image.scores, at);
    imageOf.fill(index, at, at + image.scores.length);
    for (const [t, row] of states.entries()) row.set(image.states[t]!, at);
    at += image.scores.length;
  }
  const order = bestFirst(scores);
  return {
    scores: Float64Array.from(order, (i) => scores[i]!),
    imageOf: Uint32Array.from(order, (i) => imageOf[i]!),
    states: states.map((row) => Uint8Array.from(order, (i) => row[i]!)),
    positives: Uint32Array.from(images, ({ positives }) => positives),
  };
}

const RECALLS = 101;

/**
 * Precision at the recalls 0, 0.01 … 1, averaged (pycocotools' `accumulate`), and the recall reached, at IoU threshold
 * number `threshold`. Both null where no object counts.
 */
export function interpolatedPrecision(
  { imageOf, states, positives }: Ranking,
  threshold: number,
  weights?: Uint32Array,
): { ap: number; recall: number } | null {
  const total = positives.reduce((sum, count, image) => sum + count * (weights ? weights[image]! : 1), 0);
  if (total === 0) return null;
  const row = states[threshold]!;
  const recall = new Float64Array(row.length);
  const precision = new Float64Array(row.length);
  let truePositives = 0;
  let falsePositives = 0;
  for (let i = 0; i < row.length; i++) {
    const weight = weights ? weights[imageOf[i]!]! : 1;
    if (row[i] === TRUE_POSITIVE) truePositives += weight;
    else if (row[i] !== IGNORED) falsePositives += weight;
    recall[i] = truePositives / total;
    precision[i] = truePositives / (truePositives + falsePositives + Number.EPSILON);
  }
  for (let i = row.length - 1; i > 0; i--) precision[i - 1] = Math.max(precision[i - 1]!, precision[i]!);
  let sum = 0;
  let at = 0;
  for (let r = 0; r < RECALLS; r++) {
    // As numpy's linspace rounds.
    const wanted = r === RECALLS - 1 ? 1 : r * 0.01;
    while (at < recall.length && recall[at]! < wanted) at++;
    if (at === recall.length) break;
    sum += precision[at]!;
  }
  return { ap: sum / RECALLS, recall: truePositives / total };
}
