import type { SessionPool } from "@octet/inference/session-pool";
import type { SampledFrame } from "@octet/media/source-types";
import type { DetectorSpec } from "@octet/vision/models/family";
import { Scheduler } from "./scheduler.ts";

/** A detector that is loaded and warm. Whoever made its sessions closes them, after the pipeline has let go of it. */
export interface LiveModel {
  /** sha256 of the file. */
  id: string;
  detector: DetectorSpec;
  pool: SessionPool;
  /** Frames in one run at most; 1 on a CPU, where a batch gains nothing. */
  maxBatch: number;
}

/** The cameras of one model: what waits for its sessions, and how many runs are under way. */
export class Lane {
  readonly model: LiveModel;
  readonly scheduler = new Scheduler<SampledFrame>();
  runsUnderWay = 0;

  constructor(model: LiveModel) {
    this.model = model;
  }

  get idle(): boolean {
    return this.runsUnderWay === 0 && this.scheduler.size === 0;
  }
}

/** Whether frames that were scaled for one model serve another as they are. */
export function sameInput({ input: a }: DetectorSpec, { input: b }: DetectorSpec): boolean {
  return a.width === b.width && a.height === b.height && a.resize === b.resize && a.padValue === b.padValue && a.channels === b.channels;
}
