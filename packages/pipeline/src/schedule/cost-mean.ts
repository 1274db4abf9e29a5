/** Least weight of a reading: the last ten count for two thirds. */
const LEAST_WEIGHT = 0.1;

/**
 * What a frame costs, smoothed: what a run takes swings with all that the host does beside it. Readings count alike until there
 * are ten, then the later ones more. Opening cameras takes so much of a host that what was measured meanwhile is too much
 * by half, and would keep rates low for most of a minute: `restart` once they are open. Pure.
 */
export class CostMean {
  private readings = 0;
  private mean = 0;

  /** 0 before any reading. */
  get value(): number {
    return this.mean;
  }

  observe(cost: number): void {
    this.readings++;
    this.mean += Math.max(LEAST_WEIGHT, 1 / this.readings) * (cost - this.mean);
  }

  /** The next reading counts alone; until then the value stays. */
  restart(): void {
    this.readings = 0;
  }
}
