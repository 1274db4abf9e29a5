/** To be replaced by its camera's next frame, a few ms newer, is so much less bad than to be late. */
const REPLACED = 2;
/** However long the budget is: what so long a queue does not even out, a longer one does not either, ms. */
const LONGEST_QUEUE_MS = 200;

export interface DoneFrame {
  /** For a session. */
  waitMs: number;
  /** From capture to detections, the waiting included. */
  totalMs: number;
  /** Asked for, from capture to detections. */
  budgetMs: number;
  /** From a frame of its camera to the next one, which replaces it if it still waits. */
  intervalMs: number;
}

/**
 * How much of the time that frames could have waited for a session, and still be in time, they did wait: near 0 sessions wait for
 * frames, near 1 frames are about to be late. Pure.
 */
export class WaitedShare {
  private sum = 0;
  private frames = 0;

  /** Frames that could not have been in time without any waiting say nothing, and are left out. */
  add({ waitMs, totalMs, budgetMs, intervalMs }: DoneFrame): void {
    const inTime = budgetMs - (totalMs - waitMs);
    if (inTime <= 0) return;
    const couldWait = Math.min(inTime, REPLACED * intervalMs, LONGEST_QUEUE_MS);
    this.sum += Math.min(1, waitMs / couldWait);
    this.frames++;
  }

  /** The mean since it was taken last, 0–1; null where no frame says anything. */
  take(): number | null {
    const mean = this.frames > 0 ? this.sum / this.frames : null;
    this.sum = 0;
    this.frames = 0;
    return mean;
  }
}
