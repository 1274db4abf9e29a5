import { type CameraStatus, statusNews } from "@octet/shared/domain/camera";

/** Statuses that all browsers get each second, whatever has happened: all of them at a small site, some in turn at a large one. */
const IN_TURN = 200;
/** Most that go to all in one second: after a start all are new. */
const MOST = 1000;

/** States that workers tell in a second, about: the more cameras, the rarer each. */
const TOLD_PER_SECOND = 2000;
const LONGEST_TURN = 10;

/** Seconds in which each of so many cameras is told of, though nothing of it is new or on a screen. */
export const statusEvery = (cameras: number): number => Math.min(LONGEST_TURN, Math.max(1, Math.ceil(cameras / TOLD_PER_SECOND)));

/** Decides which cameras' states browsers are told each second: what is new, what is on their screen, and the others in turn. */
export class StatusFeed {
  private readonly told = new Map<string, string>();
  private next = 0;

  /** What a browser that has just come is told: all of a small site. Pages of a large one bring the states of what they list. */
  first(statuses: readonly CameraStatus[], onScreen: readonly CameraStatus[]): readonly CameraStatus[] {
    return statuses.length <= IN_TURN ? statuses : onScreen;
  }

  /** What all are to hear now; `gone`: cameras that no worker reports any more. */
  tick(statuses: readonly CameraStatus[]): { all: CameraStatus[]; gone: string[] } {
    const first = this.next < statuses.length ? this.next : 0;
    this.next = first + IN_TURN;
    const all: CameraStatus[] = [];
    for (const [index, status] of statuses.entries()) {
      if (all.length >= MOST) break;
      const news = statusNews(status);
      const isNew = this.told.get(status.cameraId) !== news;
      if (isNew) this.told.set(status.cameraId, news);
      if (isNew || (index >= first && index < first + IN_TURN)) all.push(status);
    }
    const there = new Set(statuses.map(({ cameraId }) => cameraId));
    const gone = [...this.told.keys()].filter((id) => !there.has(id));
    for (const id of gone) this.told.delete(id);
    return { all, gone };
  }
}
