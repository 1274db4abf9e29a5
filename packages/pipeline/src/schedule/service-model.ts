/** Runs of the last second or so count, weighed by how long ago they were, and of long ones the last 30. */
const REMEMBERED_MS = 1000;
const LEAST_DECAY = 0.97;

/**
 * How long a run of so many frames takes: a fixed part and a part per frame, fitted to the latest runs by least squares with
 * exponential forgetting. As long as all runs had the same size, time counts as proportional to it, which never promises
 * too much of a larger batch. Pure.
 */
export class ServiceModel {
  private weight = 0;
  private sizes = 0;
  private squares = 0;
  private times = 0;
  private products = 0;
  private deviation = 0;

  /** @param ms from the start of a run to its results */
  observe(frames: number, ms: number): void {
    const expected = this.timeFor(frames);
    const decay = Math.max(LEAST_DECAY, Math.exp(-ms / REMEMBERED_MS));
    this.weight = this.weight * decay + 1;
    this.sizes = this.sizes * decay + frames;
    this.squares = this.squares * decay + frames * frames;
    this.times = this.times * decay + ms;
    this.products = this.products * decay + frames * ms;
    if (expected !== null) this.deviation += 0.1 * (Math.abs(ms - expected) - this.deviation);
  }

  /** Expected ms of a run of `frames`; null before any was seen. */
  timeFor(frames: number): number | null {
    if (this.weight === 0) return null;
    const size = this.sizes / this.weight;
    const time = this.times / this.weight;
    const variance = this.squares / this.weight - size * size;
    const covariance = this.products / this.weight - size * time;
    if (variance < 1e-6) return (time * frames) / size;
    const perFrame = Math.min(time / size, Math.max(0, covariance / variance));
    return time + perFrame * (frames - size);
  }

  /** A time that few runs of `frames` exceed: the expected one and three mean absolute deviations; 0 before any was seen. */
  boundFor(frames: number): number {
    return (this.timeFor(frames) ?? 0) + 3 * this.deviation;
  }

  /**
   * Frames a second that one session does at most, by batches of up to `maxBatch` that take `withinMs` at most (one frame
   * always counts). Null before any run was seen.
   */
  perSecond(maxBatch: number, withinMs: number): number | null {
    if (this.weight === 0) return null;
    let best = 0;
    for (let frames = 1; frames <= maxBatch; frames++) {
      const ms = this.timeFor(frames)!;
      if (frames > 1 && ms > withinMs) break;
      best = Math.max(best, (1000 * frames) / Math.max(ms, 1e-3));
    }
    return best;
  }
}
