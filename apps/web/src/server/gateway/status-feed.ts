import type { CameraStatus } from "@octet/shared/domain/camera";

/** Statuses that all browsers get each second, whatever has happened: all of them at a small site, some in turn at a large one. */
const IN_TURN = 200;
/** Most that go to all in one second: after a start all are new. */
const MOST = 1000;

/** What is shown of a camera wherever it is listed; its counts change each second. */
const newsOf = ({ state, reason, since, workerId, stream, model, modelAlarm }: CameraStatus): string =>
  `${state} ${since} ${workerId} ${reason?.code} ${reason?.message} ${stream?.width} ${stream?.height} ${stream?.codec} ${model} ${modelAlarm?.code}`;

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
      const news = newsOf(status);
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
