import { matchBoxes } from "@octet/shared/boxes/match-boxes";
import type { ScoredBox } from "@octet/shared/boxes/scored-box";
import type { Detection } from "@octet/shared/domain/detection";

export interface DetectionMatch {
  iou: number;
  /** Score in B less score in A. */
  scoreDelta: number;
}

type Scored = Pick<Detection, "box" | "score"> & { label?: string | undefined };

export interface MatchedDetections {
  pairs: DetectionMatch[];
  onlyA: number;
  onlyB: number;
}

/** As `matchBoxes`. */
export function matchDetections(a: readonly Scored[], b: readonly Scored[], minIou?: number): MatchedDetections {
  const { pairs, onlyA, onlyB } = matchBoxes(a.map(scoredBox), b.map(scoredBox), minIou);
  return {
    pairs: pairs.map((pair) => ({ iou: pair.iou, scoreDelta: pair.b.score - pair.a.score })),
    onlyA: onlyA.length,
    onlyB: onlyB.length,
  };
}

const scoredBox = ({ box: { x, y, w, h }, score, label }: Scored): ScoredBox => ({ x, y, w, h, score, label });
