import { iouAt } from "../boxes/iou.ts";

export interface NmsInput {
  count: number;
  /** x1,y1,x2,y2 per candidate, any unit. */
  boxes: Float32Array;
  scores: Float32Array;
  /** Class per candidate: only those of one class suppress each other. Absent or null where all are of one. */
  classes?: Uint16Array | null;
}

export interface NmsOptions {
  /** A candidate that overlaps a better one by more than this is dropped. */
  iou: number;
  /** How many are kept at most. */
  max: number;
  /** By class, 1 where its candidates count; absent or null: all do. Candidates without a class are of class 0. */
  wanted?: Uint8Array | null;
  /** Only so many best candidates are looked at; bounds the time a frame of noise can take. */
  candidates?: number;
}

/** Greedy non-maximum suppression. Returns the indexes that stay, best score first; equal scores in their given order. */
export function nms({ count, boxes, scores, classes }: NmsInput, { iou, max, wanted, candidates = 5000 }: NmsOptions): number[] {
  const indexes = new Uint32Array(count);
  let counting = 0;
  for (let i = 0; i < count; i++) if (!wanted || wanted[classes ? classes[i]! : 0]) indexes[counting++] = i;
  const order = indexes.subarray(0, counting).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const considered = Math.min(counting, candidates);
  const kept: number[] = [];
  for (let i = 0; i < considered && kept.length < max; i++) {
    const candidate = order[i]!;
    let stays = true;
    for (let k = 0; k < kept.length; k++) {
      if (classes && classes[kept[k]!] !== classes[candidate]) continue;
      if (iouAt(boxes, kept[k]!, candidate) > iou) {
        stays = false;
        break;
      }
    }
    if (stays) kept.push(candidate);
  }
  return kept;
}
