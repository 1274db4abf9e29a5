/**
 * Batch sizes that a session runs once before a camera gets it, in this order. The largest first, then 1: TensorRT builds
 * an engine for the shapes that it has seen and builds anew outside of that range, so these two span it; what lies between
 * needs no engine of its own, only kernels that are chosen and memory that is there.
 */
export function warmUpSizes(maxBatch: number): number[] {
  const most = Math.max(1, Math.floor(maxBatch));
  const between: number[] = [];
  for (let size = 2; size < most; size *= 2) between.push(size);
  return most === 1 ? [1] : [most, 1, ...between];
}
