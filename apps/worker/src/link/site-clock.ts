/** Of the wall clock; what hosts that keep time by NTP differ by is far less. */
const TOLERATED_MS = 1000;

/**
 * The gateway's time, by this process's monotonic clock since the gateway last told it: leases are judged by it, and a host
 * whose wall clock is wrong, or is set meanwhile, must not lose its detections for that.
 */
export class SiteClock {
  /** The gateway's time at the origin of the monotonic clock, Unix ms; null: it has not told it yet. */
  private origin: number | null = null;

  /** @param asked,answered performance.now() before and after; @param time what the gateway said meanwhile, Unix ms */
  told(time: number, asked: number, answered: number): void {
    this.origin = time - (asked + answered) / 2;
  }

  /** What to add to a time that the wall clock has just shown, ms; 0 where that is right within a second, or nothing is known. */
  correction(wall = Date.now(), monotonic = performance.now()): number {
    if (this.origin === null) return 0;
    const behind = this.origin + monotonic - wall;
    return Math.abs(behind) < TOLERATED_MS ? 0 : behind;
  }
}
