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

  /** @param delayMs from the latest frame to the first one that is due under the new rate */
  setRate(detectFps: number, delayMs = 0): void {
    this.#intervalMs = 1000 / detectFps;
    this.#nextMs = this.#latestMs === null ? null : this.#latestMs + delayMs;
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
