import { iou } from "./iou.ts";
import type { ScoredBox } from "./scored-box.ts";

export interface MatchedBoxes {
  pairs: { a: ScoredBox; b: ScoredBox; iou: number }[];
  onlyA: ScoredBox[];
  onlyB: ScoredBox[];
}

/** Each box of A, best score first, takes the free one of B of its class that it overlaps most, from `minIou` on (in any unit that both have). The rest is in its own order. */
export function matchBoxes(a: readonly ScoredBox[], b: readonly ScoredBox[], minIou = 0.5): MatchedBoxes {
  const free = new Set(b);
  const pairs: MatchedBoxes["pairs"] = [];
  for (const one of [...a].sort((x, y) => y.score - x.score)) {
    let best: MatchedBoxes["pairs"][number] | undefined;
    for (const other of free) {
      if (other.label !== one.label) continue;
      const overlap = iou(one, other);
      if (overlap >= minIou && overlap > (best?.iou ?? 0)) best = { a: one, b: other, iou: overlap };
    }
    if (!best) continue;
    free.delete(best.b);
    pairs.push(best);
  }
  const paired = new Set(pairs.map((pair) => pair.a));
  return { pairs, onlyA: a.filter((one) => !paired.has(one)), onlyB: [...free] };
}
