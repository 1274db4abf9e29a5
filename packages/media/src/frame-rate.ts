const WINDOW = 5;

/** Frames a second over the last five samples of a running total, taken about once a second. */
export class FrameRate {
  readonly #samples: { now: number; total: number }[] = [];

  /** @param now performance.now() @param total frames so far */
  sample(now: number, total: number): number {
    this.#samples.push({ now, total });
    if (this.#samples.length > WINDOW + 1) this.#samples.shift();
    const first = this.#samples[0]!;
    const seconds = (now - first.now) / 1000;
    return seconds < 0.2 ? 0 : Math.round(((total - first.total) / seconds) * 10) / 10;
  }
}

/** The usual rates that measured intervals are rounded to. */
const COMMON = [1, 2, 5, 6, 7, 8, 10, 12, 12.5, 15, 18, 20, 24, 25, 30, 50, 60];

/** Frame rate of time stamps (ms, any order), null with fewer than `min` of them. Lost frames do not count. */
export function estimateFps(timesMs: readonly number[], min = 10): number | null {
  if (timesMs.length < min) return null;
  const sorted = [...timesMs].sort((a, b) => a - b);
  const gaps = sorted
    .slice(1)
    .map((time, i) => time - sorted[i]!)
    .filter((gap) => gap > 0)
    .sort((a, b) => a - b);
  const median = gaps[gaps.length >> 1];
  if (median === undefined) return null;
  const usual = gaps.filter((gap) => gap > median * 0.5 && gap < median * 1.5);
  const fps = (1000 * usual.length) / usual.reduce((sum, gap) => sum + gap, 0);
  const nearest = COMMON.reduce((best, common) => (Math.abs(common - fps) < Math.abs(best - fps) ? common : best));
  return Math.abs(nearest - fps) / nearest < 0.03 ? nearest : Math.round(fps * 100) / 100;
}
