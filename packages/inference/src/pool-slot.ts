import type { Logger } from "./logger.ts";
import type { NodePlacement } from "./node-placement.ts";
import type { ModelSignature, SessionThreadData } from "./session-messages.ts";
import { MOST_UNDER_WAY, type RunOptions, type SessionRun, SessionWorker } from "./session-worker.ts";

const FIRST_RESTART_MS = 200;
const LAST_RESTART_MS = 30_000;

/** One place in a pool: a session thread, and its successor when it dies. */
export class PoolSlot {
  /** Called after a run, and when the thread comes or goes. */
  onChange: (() => void) | null = null;
  readonly signature: ModelSignature;
  readonly loadMs: number;
  readonly warmUpMs: number;
  readonly placement: NodePlacement | null;
  /** The thread is gone and did not come back at the first try. */
  failing = false;
  private readonly data: Omit<SessionThreadData, "entry">;
  private readonly logger: Logger;
  private worker: SessionWorker | null = null;
  private restarting: Promise<void> | null = null;
  private wake: (() => void) | null = null;
  private closing = false;
  private underWay = 0;
  private lastEndedAt = 0;
  private busySince = 0;
  private busyMs = 0;

  private constructor(data: Omit<SessionThreadData, "entry">, logger: Logger, worker: SessionWorker) {
    this.data = data;
    this.logger = logger;
    this.signature = worker.signature;
    this.loadMs = worker.loadMs;
    this.warmUpMs = worker.warmUpMs;
    this.placement = worker.placement;
    this.adopt(worker);
  }

  /** @throws AppError MODEL_INVALID, PROVIDER_UNAVAILABLE or INFERENCE_FAILED where the first thread does not start */
  static async start(data: Omit<SessionThreadData, "entry">, logger: Logger): Promise<PoolSlot> {
    return new PoolSlot(data, logger, await SessionWorker.start(data));
  }

  /** Batches in its thread's hands. */
  get load(): number {
    return this.underWay;
  }

  /** Has a thread, and nothing to do. */
  get free(): boolean {
    return this.worker !== null && this.underWay === 0 && !this.closing;
  }

  /** Would take a batch, if only to run it after the one under way. */
  get hasRoom(): boolean {
    return this.worker !== null && this.underWay < MOST_UNDER_WAY && !this.closing;
  }

  /** `behindMs`: how long the batch lay in the thread's hands behind another one. */
  async run(batch: Uint8Array[], options: RunOptions): Promise<SessionRun & { behindMs: number }> {
    const given = performance.now();
    if (this.underWay++ === 0) this.busySince = given;
    try {
      const outcome = await this.worker!.run(batch, options);
      return { ...outcome, behindMs: Math.max(0, this.lastEndedAt - given) };
    } finally {
      const now = performance.now();
      this.busyMs += now - this.busySince;
      this.busySince = now;
      this.lastEndedAt = now;
      this.underWay--;
      // After the caller has seen the outcome: it may well hand out the next run itself.
      queueMicrotask(() => this.onChange?.());
    }
  }

  /** Time in use since the last call, ms. */
  takeBusyMs(now: number): number {
    const total = this.busyMs + (this.underWay > 0 ? now - this.busySince : 0);
    this.busyMs = 0;
    if (this.underWay > 0) this.busySince = now;
    return total;
  }

  async close(): Promise<void> {
    this.closing = true;
    this.wake?.();
    await this.restarting;
    await this.worker?.close();
  }

  private adopt(worker: SessionWorker): void {
    this.worker = worker;
    void worker.exited.then((reason) => {
      this.worker = null;
      if (this.closing) return;
      this.logger.error({ err: reason }, "An inference thread died; it is restarted");
      this.restarting = this.restart();
    });
  }

  private async restart(): Promise<void> {
    for (let pause = FIRST_RESTART_MS; !this.closing; pause = Math.min(LAST_RESTART_MS, pause * 2)) {
      try {
        this.adopt(await SessionWorker.start(this.data));
        this.failing = false;
        this.onChange?.();
        return;
      } catch (error) {
        this.failing = true;
        this.logger.error({ err: error, pauseMs: pause }, "An inference thread did not start again");
        this.onChange?.();
        if (!this.closing) await this.sleep(pause);
      }
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
