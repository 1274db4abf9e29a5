import type { Detection } from "@octet/shared/domain/detection";
import { iou } from "./iou.ts";

export interface DetectionMatch {
  iou: number;
  /** Score in B less score in A. */
  scoreDelta: number;
}

type Scored = Pick<Detection, "box" | "score">;

export interface MatchedDetections {
  pairs: DetectionMatch[];
  onlyA: number;
  onlyB: number;
}

/** Each detection of A, best first, takes the free one of B that it overlaps most, from `minIou` on. */
export function matchDetections(a: readonly Scored[], b: readonly Scored[], minIou = 0.5): MatchedDetections {
  const free = new Set(b);
  const pairs: DetectionMatch[] = [];
  for (const one of [...a].sort((x, y) => y.score - x.score)) {
    let best: { other: Scored; overlap: number } | undefined;
    for (const other of free) {
      const overlap = iou(one.box, other.box);
      if (overlap >= minIou && overlap > (best?.overlap ?? 0)) best = { other, overlap };
    }
    if (!best) continue;
    free.delete(best.other);
    pairs.push({ iou: best.overlap, scoreDelta: best.other.score - one.score });
  }
  return { pairs, onlyA: a.length - pairs.length, onlyB: free.size };
}
