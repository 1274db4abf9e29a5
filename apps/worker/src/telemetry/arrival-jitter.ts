/** Of RFC 3550: how fast the estimate follows. */
const GAIN = 1 / 16;
/** A pause or a jump of the stream's clock is no jitter. */
const JUMP_MS = 5000;

/**
 * How unevenly a camera's frames arrive: the smoothed difference between two frames' distance at arrival and in presentation time,
 * after RFC 3550, section 6.4.1, over the frames that are inferred. It says nothing of how long the network took: a camera's
 * clock is not compared with ours.
 */
export class ArrivalJitter {
  private last: { capturedAt: number; ptsMs: number } | null = null;
  private estimate = 0;

  /** @param capturedAt arrival, Unix ms. @param ptsMs presentation time, ms */
  add(capturedAt: number, ptsMs: number): void {
    const { last } = this;
    // Sessions may finish out of order; an older frame tells nothing that its successor has not told.
    if (last && ptsMs > last.ptsMs && ptsMs - last.ptsMs < JUMP_MS) {
      const difference = Math.abs(capturedAt - last.capturedAt - (ptsMs - last.ptsMs));
      if (difference < JUMP_MS) this.estimate += (difference - this.estimate) * GAIN;
    }
    if (!last || ptsMs > last.ptsMs || last.ptsMs - ptsMs > JUMP_MS) this.last = { capturedAt, ptsMs };
  }

  /** Milliseconds. */
  get ms(): number {
    return this.estimate;
  }
}
