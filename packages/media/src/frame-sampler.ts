/** A jump of the time stamps by more than this, either way, starts the sampling anew. */
const JUMP_MS = 5000;

/**
 * Decides which frames are due for detection. Goes by the frames' own time stamps and not by the wall clock:
 * a burst after a network hiccup then yields the frames that would have been sampled without it.
 */
export class FrameSampler {
  #intervalMs: number;
  #nextMs: number | null = null;
  #latestMs: number | null = null;

  constructor(detectFps: number) {
    this.#intervalMs = 1000 / detectFps;
  }

  /** Stream time at which a frame is due next; null where the next one is, whatever its time. */
  get nextMs(): number | null {
    return this.#nextMs;
  }

  /**
   * @param delayMs from the latest frame to the first one that is due under the new rate. Null: the share of an interval that
   * was still to go stays the same, so that rates which change every few seconds cost no frame and add none.
   */
  setRate(detectFps: number, delayMs: number | null): void {
    const intervalMs = 1000 / detectFps;
    if (this.#latestMs !== null && this.#nextMs !== null)
      this.#nextMs = this.#latestMs + (delayMs ?? (Math.max(0, this.#nextMs - this.#latestMs) * intervalMs) / this.#intervalMs);
    this.#intervalMs = intervalMs;
  }

  /** Whether the frame at `ptsMs` is due; each frame is asked about once, in order of presentation. */
  due(ptsMs: number): boolean {
    const next = this.#nextMs;
    this.#latestMs = ptsMs;
    if (next === null || ptsMs < next - this.#intervalMs - JUMP_MS || ptsMs > next + JUMP_MS) {
      this.#nextMs = ptsMs + this.#intervalMs;
      return true;
    }
    // Half a millisecond of grace: time stamps are rounded to the container's time base.
    if (ptsMs + 0.5 < next) return false;
    // From the schedule and not from this frame, or 5 of 25 fps would drift to every sixth frame; but never
    // more than one interval behind.
    this.#nextMs = Math.max(next + this.#intervalMs, ptsMs + 0.5);
    return true;
  }
}
