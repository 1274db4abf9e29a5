export interface ScoredBox {
  x: number;
  y: number;
  w: number;
  h: number;
  score: number;
}

/** Two boxes of so much overlap are of the same face: as the disagreements were counted. */
const SAME_AT_IOU = 0.5;

/** Those of `own` that have no partner in `other`: best overlaps first, each box once. */
export function withoutPartner(own: readonly ScoredBox[], other: readonly ScoredBox[]): Set<ScoredBox> {
  const pairs = own
    .flatMap((a) => other.map((b) => ({ a, b, overlap: iou(a, b) })))
    .filter(({ overlap }) => overlap >= SAME_AT_IOU)
    .sort((one, two) => two.overlap - one.overlap);
  const lonely = new Set(own);
  const free = new Set(other);
  for (const { a, b } of pairs) {
    if (!lonely.has(a) || !free.has(b)) continue;
    lonely.delete(a);
    free.delete(b);
  }
  return lonely;
}

function iou(a: ScoredBox, b: ScoredBox): number {
  const across = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  if (across <= 0 || down <= 0) return 0;
  const both = across * down;
  return both / (a.w * a.h + b.w * b.h - both);
}
