import type { SessionPool } from "@octet/inference/session-pool";
import type { SampledFrame } from "@octet/media/source-types";
import { Lane, type LiveModel } from "./lane.ts";
import { type Offer, Scheduler, type Waiting } from "./schedule/scheduler.ts";

export type PoolResult = Awaited<ReturnType<SessionPool["run"]>>;
export type WaitingFrame = Waiting<Lane, SampledFrame>;

export interface DispatcherOptions {
  /** A batch's turn has come; to be given to `run`. */
  onBatch(lane: Lane, batch: WaitingFrame[]): void;
  /** A frame that was offered will not be run. */
  onDropped(cameraId: string, frame: SampledFrame): void;
}

/** The sessions of all models of a host, and who runs on them next. */
export class Dispatcher {
  private readonly options: DispatcherOptions;
  private readonly lanes = new Map<string, Lane>();
  private readonly scheduler = new Scheduler<Lane, SampledFrame>();
  private askTimer: NodeJS.Timeout | null = null;
  private askAt = 0;
  private closed = false;

  constructor(options: DispatcherOptions) {
    this.options = options;
  }

  /** Frames that wait. */
  get queued(): number {
    return this.scheduler.size;
  }

  laneOf(model: LiveModel): Lane {
    const lane = this.lanes.get(model.id) ?? new Lane(model);
    this.lanes.set(model.id, lane);
    return lane;
  }

  /** Lanes with runs under way. */
  busyLanes(): Lane[] {
    return [...this.lanes.values()].filter(({ idle }) => !idle);
  }

  /** Lets go of lanes that nobody uses and that run nothing. */
  forgetUnused(used: ReadonlySet<Lane>): void {
    for (const [id, lane] of this.lanes) if (!used.has(lane) && lane.idle) this.lanes.delete(id);
  }

  /** Puts a camera's newest frame up for inference. Times are those of performance.now(). */
  offer(offer: Omit<Offer<Lane, SampledFrame>, "now">): void {
    const stale = this.scheduler.offer({ ...offer, now: performance.now() }, offer.group.service.boundFor(1));
    if (stale) this.options.onDropped(offer.cameraId, stale);
    this.dispatch();
  }

  /** Forgets a camera. Returns its frame that waited, or null. */
  remove(cameraId: string): SampledFrame | null {
    return this.scheduler.remove(cameraId);
  }

  /** Whoever has read the outputs releases them. @throws AppError INFERENCE_FAILED */
  async run(lane: Lane, frames: Uint8Array[]): Promise<PoolResult> {
    const begun = performance.now();
    const run = lane.begin(frames.length, begun);
    try {
      const result = await lane.model.pool.run(frames, { reuse: true });
      lane.service.observe(frames.length, performance.now() - begun - result.waitMs);
      lane.occupancy.observe(frames.length, result.preprocessMs + result.inferMs + result.handOverMs);
      return result;
    } finally {
      // The session gets its next frame before this one's boxes are read: it must not wait for us.
      lane.end(run);
      this.dispatch();
    }
  }

  /** Asks for nothing more; runs under way end. */
  close(): void {
    this.closed = true;
    if (this.askTimer) clearTimeout(this.askTimer);
  }

  /** Runs that the host's sessions hold at most: models share its cores or GPUs. */
  private get capacity(): number {
    let capacity = 0;
    for (const { model } of this.lanes.values()) capacity = Math.max(capacity, model.pool.capacity);
    return capacity;
  }

  private get runsUnderWay(): number {
    let runs = 0;
    for (const lane of this.lanes.values()) runs += lane.runsUnderWay;
    return runs;
  }

  private dispatch(): void {
    const now = performance.now();
    for (const { cameraId, frame } of this.scheduler.expire(now, ({ service }) => service.boundFor(1)))
      this.options.onDropped(cameraId, frame);
    for (;;) {
      const most = this.capacity - this.runsUnderWay;
      const decision = this.scheduler.next(now, (lane) => lane.room(now, most));
      if (decision && "batch" in decision) this.options.onBatch(decision.run, decision.batch);
      else {
        if (decision) this.askAgain(decision.waitMs);
        return;
      }
    }
  }

  /** Dispatches in so long at the latest: an earlier one that is due stays due. */
  private askAgain(waitMs: number): void {
    const at = performance.now() + waitMs;
    if (this.closed || (this.askTimer && this.askAt <= at)) return;
    if (this.askTimer) clearTimeout(this.askTimer);
    this.askAt = at;
    this.askTimer = setTimeout(
      () => {
        this.askTimer = null;
        this.dispatch();
      },
      Math.max(1, waitMs),
    );
  }
}
