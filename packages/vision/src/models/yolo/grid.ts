/** Cells of the three grids of a YOLO (strides 8, 16 and 32) over an input of so many pixels; with `coarsest` 64 of four. */
export function gridCells({ width, height }: { width: number; height: number }, coarsest: 32 | 64 = 32): number {
  let cells = 0;
  for (let stride = 8; stride <= coarsest; stride *= 2) cells += Math.ceil(width / stride) * Math.ceil(height / stride);
  return cells;
}
