import { type CameraStatus, statusNews } from "@octet/shared/domain/camera";

/**
 * Which cameras' states go to the gateway each second: what is new, what somebody looks at, and the others in turn, so that
 * each is told every so many seconds. Counts and latencies change all the time; of thousands of cameras nobody sees most of them.
 */
export class StatusTurns {
  /** Seconds in which each camera has its turn: the gateway says so, by the size of the fleet. */
  everySeconds = 1;
  private readonly told = new Map<string, string>();
  private second = 0;

  /** The gateway is another one, or knows nothing any more: all are new. */
  forget(): void {
    this.told.clear();
  }

  /** To be called each second. */
  next(statuses: readonly CameraStatus[], watched: ReadonlySet<string>): CameraStatus[] {
    const turn = this.second++ % this.everySeconds;
    const due = statuses.filter((status, index) => {
      const news = statusNews(status);
      if (this.told.get(status.cameraId) === news && index % this.everySeconds !== turn && !watched.has(status.cameraId)) return false;
      this.told.set(status.cameraId, news);
      return true;
    });
    if (this.told.size > statuses.length) {
      const there = new Set(statuses.map(({ cameraId }) => cameraId));
      for (const id of this.told.keys()) if (!there.has(id)) this.told.delete(id);
    }
    return due;
  }
}
