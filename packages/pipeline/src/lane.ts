import type { SessionPool } from "@octet/inference/session-pool";
import type { DetectorSpec } from "@octet/vision/models/family";
import type { Room } from "./schedule/scheduler.ts";
import { ServiceModel } from "./schedule/service-model.ts";

/** A detector that is loaded and warm. Whoever made its sessions closes them, after the pipeline has let go of it. */
export interface LiveModel {
  /** sha256 of the file. */
  id: string;
  detector: DetectorSpec;
  pool: SessionPool;
  /** Frames in one run at most; 1 on a CPU, where a batch gains nothing. */
  maxBatch: number;
}

/** A batch that is not full waits so long for more frames where a session is idle and batches gain anything, ms. */
const HOLD_MS = 3;

/** The sessions of one model: what runs on them, and what a run takes. */
export class Lane {
  readonly model: LiveModel;
  /** From handing a run over to having its results: what decides whether a frame will be in time. */
  readonly service = new ServiceModel();
  /** What a run takes of its session's thread: what decides how many there can be. Shorter, as the next run is there already. */
  readonly occupancy = new ServiceModel();
  /** When each run under way began, by its number. */
  private readonly begun = new Map<number, { at: number; frames: number }>();
  private runs = 0;

  constructor(model: LiveModel) {
    this.model = model;
  }

  get runsUnderWay(): number {
    return this.begun.size;
  }

  get idle(): boolean {
    return this.begun.size === 0;
  }

  /** @returns the run's number, for `end` */
  begin(frames: number, now: number): number {
    this.begun.set(++this.runs, { at: now, frames });
    return this.runs;
  }

  end(run: number): void {
    this.begun.delete(run);
  }

  /** @param most runs that the host takes beside those under way */
  room(now: number, most: number): Room {
    const { pool, maxBatch } = this.model;
    const idle = Math.max(0, pool.size - this.begun.size);
    return {
      runs: Math.min(most, pool.capacity - this.begun.size),
      idle,
      maxBatch,
      freeAt: idle > 0 ? now : this.firstDone(),
      holdMs: HOLD_MS,
      timeFor: (frames) => this.service.timeFor(frames) ?? 0,
    };
  }

  /** Share of all sessions' time that one frame a second takes; 0 while nothing was run. @param budgetMs from capture to detections */
  costOfFrame(budgetMs: number): number {
    const perSecond = this.occupancy.perSecond(this.model.maxBatch, budgetMs / 2);
    return perSecond ? 1 / (perSecond * this.model.pool.size) : 0;
  }

  private firstDone(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { at, frames } of this.begun.values()) first = Math.min(first, at + (this.service.timeFor(frames) ?? 0));
    return first;
  }
}

/** Whether frames that were scaled for one model serve another as they are. */
export function sameInput({ input: a }: DetectorSpec, { input: b }: DetectorSpec): boolean {
  return a.width === b.width && a.height === b.height && a.resize === b.resize && a.padValue === b.padValue && a.channels === b.channels;
}
