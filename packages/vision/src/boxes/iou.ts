/** Intersection over union of boxes `i` and `j` of `boxes` (x1,y1,x2,y2 each); 0 where either is empty. */
export function iouAt(boxes: Float32Array, i: number, j: number): number {
  const a = i * 4;
  const b = j * 4;
  const ax1 = boxes[a]!;
  const ay1 = boxes[a + 1]!;
  const ax2 = boxes[a + 2]!;
  const ay2 = boxes[a + 3]!;
  const bx1 = boxes[b]!;
  const by1 = boxes[b + 1]!;
  const bx2 = boxes[b + 2]!;
  const by2 = boxes[b + 3]!;
  const width = Math.min(ax2, bx2) - Math.max(ax1, bx1);
  if (width <= 0) return 0;
  const height = Math.min(ay2, by2) - Math.max(ay1, by1);
  if (height <= 0) return 0;
  const overlap = width * height;
  return overlap / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - overlap);
}
