/**
 * For each detection of `order` the labelled face that it overlaps most (the first of equals), and by how much:
 * intersection over union where widths and heights are x2 − x1 + 1 with x2 = x + w, as in WIDER FACE's `boxoverlap.m`.
 * Boxes are x,y,w,h. Without faces every overlap is 0.
 */
export function bestOverlaps(
  detected: Float64Array,
  faces: Float64Array,
  order: Uint32Array,
): { best: Uint32Array; overlap: Float64Array } {
  const best = new Uint32Array(order.length);
  const overlap = new Float64Array(order.length);
  const count = faces.length / 4;
  for (let i = 0; i < order.length; i++) {
    const d = order[i]! * 4;
    const x1 = detected[d]!;
    const y1 = detected[d + 1]!;
    const x2 = x1 + detected[d + 2]!;
    const y2 = y1 + detected[d + 3]!;
    const area = (x2 - x1 + 1) * (y2 - y1 + 1);
    for (let face = 0; face < count; face++) {
      const f = face * 4;
      const fx1 = faces[f]!;
      const fx2 = fx1 + faces[f + 2]!;
      const width = Math.min(x2, fx2) - Math.max(x1, fx1) + 1;
      if (width <= 0) continue;
      const fy1 = faces[f + 1]!;
      const fy2 = fy1 + faces[f + 3]!;
      const height = Math.min(y2, fy2) - Math.max(y1, fy1) + 1;
      if (height <= 0) continue;
      const shared = width * height;
      const iou = shared / (area + (fx2 - fx1 + 1) * (fy2 - fy1 + 1) - shared);
      if (iou > overlap[i]!) {
        overlap[i] = iou;
        best[i] = face;
      }
    }
  }
  return { best, overlap };
}
