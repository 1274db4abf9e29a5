/** A change of a rate that is smaller is not worth the unevenness that a new phase brings. */
const LEAST_CHANGE = 0.05;

/**
 * When the first frame under a new rate is due, ms from now. Cameras whose rates are lowered together would else keep their
 * phases within the old, shorter interval, and offer all their frames in one burst.
 */
export function staggered(index: number, count: number, rate: number): number {
  return (1000 / rate) * (index / Math.max(1, count));
}

/** Whether a source should hear of its new rate; of what was asked for, always. */
export function worthTelling(before: number, rate: number, asked: number): boolean {
  if (before === rate) return false;
  return rate === asked || rate === 0 || before === 0 || Math.abs(rate - before) > LEAST_CHANGE * before;
}
