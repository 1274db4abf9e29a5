import "./no-telemetry.ts";
import { Worker } from "node:worker_threads";
import { AppError } from "@octet/shared/errors";
import type { NodePlacement } from "./node-placement.ts";
import type { FromThread, ModelSignature, RunOutcome, SessionThreadData, ToThread } from "./session-messages.ts";
import { turnsFor } from "./session-turns.ts";

const bootstrap = new URL("./thread-bootstrap.mjs", import.meta.url);
const entry = new URL("./session-thread.ts", import.meta.url).href;

export interface RunOptions {
  /** Outputs are in memory that is used again once they are released. Default false: they are the caller's. */
  reuse?: boolean;
}

export interface SessionRun extends RunOutcome {
  /** The outputs have been read: their memory may hold those of a later run. Does nothing where they are the caller's. */
  release(): void;
}

interface Pending {
  reuse: boolean;
  resolve(outcome: SessionRun): void;
  reject(error: AppError): void;
}

/** Batches that may be in a thread's hands: the one it runs, and the next one, so that it need not wait for us between them. */
export const MOST_UNDER_WAY = 2;

/** The main thread's end of one session thread, which runs one batch after the other. */
export class SessionWorker {
  readonly signature: ModelSignature;
  readonly loadMs: number;
  readonly warmUpMs: number;
  /** Where it was asked to find out. */
  readonly placement: NodePlacement | null;
  /** Resolves when the thread is gone, with the reason where it was not told to go. */
  readonly exited: Promise<AppError | null>;
  private readonly worker: Worker;
  private readonly pending: Pending[] = [];
  /** Of outputs that were released. Memory that comes and goes makes the garbage collector stop everything twice a second. */
  private readonly spare: SharedArrayBuffer[] = [];
  private closing = false;

  private constructor(worker: Worker, exited: Promise<AppError | null>, ready: Extract<FromThread, { type: "ready" }>) {
    this.worker = worker;
    this.exited = exited;
    this.signature = ready.signature;
    this.loadMs = ready.loadMs;
    this.warmUpMs = ready.warmUpMs;
    this.placement = ready.placement;
    worker.on("message", (message: FromThread) => this.onMessage(message));
    void exited.then((reason) => {
      while (this.pending.length > 0)
        this.settle((pending) => pending.reject(reason ?? new AppError("INFERENCE_FAILED", "The inference thread ended")));
    });
  }

  /**
   * Starts a thread and loads the model in it.
   * @throws AppError MODEL_INVALID, PROVIDER_UNAVAILABLE, or INFERENCE_FAILED where the thread itself did not start
   */
  static async start(data: Omit<SessionThreadData, "entry" | "turns">): Promise<SessionWorker> {
    const worker = new Worker(bootstrap, {
      workerData: { ...data, entry, turns: turnsFor(data.provider) } satisfies SessionThreadData,
      execArgv: [],
      name: "octet-inference",
    });
    const exited = whenGone(worker);
    const first = await new Promise<FromThread | AppError>((resolve) => {
      worker.once("message", resolve);
      void exited.then((reason) =>
        resolve(reason ?? new AppError("INFERENCE_FAILED", "The inference thread ended before it had loaded the model")),
      );
    });
    if (first instanceof AppError) throw first;
    if (first.type === "unusable") {
      await exited;
      throw AppError.fromInfo(first.error);
    }
    if (first.type !== "ready") throw new AppError("INTERNAL", `An inference thread began with "${first.type}"`);
    return new SessionWorker(worker, exited, first);
  }

  /**
   * Runs one batch after those before it; its images are moved in, where they own their memory and do not share it, and handed
   * back in the outcome.
   */
  run(batch: Uint8Array[], { reuse = false }: RunOptions = {}): Promise<SessionRun> {
    if (this.pending.length >= MOST_UNDER_WAY || this.closing) throw new AppError("INTERNAL", "This inference thread is busy or closing");
    return new Promise((resolve, reject) => {
      this.pending.push({ reuse, resolve, reject });
      this.post({ type: "run", batch, ...(reuse ? { memory: this.spare.pop() ?? new SharedArrayBuffer(0) } : {}) }, batch);
    });
  }

  /** Asks the thread to end after the run under way; resolves when it is gone. */
  async close(): Promise<void> {
    if (!this.closing) {
      this.closing = true;
      this.post({ type: "close" }, []);
    }
    await this.exited;
  }

  private post(message: ToThread, batch: readonly Uint8Array[]): void {
    const own = batch.flatMap(({ byteLength, buffer }) =>
      buffer instanceof ArrayBuffer && byteLength === buffer.byteLength ? buffer : [],
    );
    try {
      this.worker.postMessage(message, [...new Set(own)]);
    } catch {
      // Memory that Node may not move (part of a Buffer pool, say) is copied.
      this.worker.postMessage(message);
    }
  }

  private onMessage(message: FromThread): void {
    if (message.type === "result") this.settle((pending) => pending.resolve({ ...message, release: this.releaser(message, pending) }));
    else if (message.type === "failed") this.settle((pending) => pending.reject(AppError.fromInfo(message.error)));
  }

  private releaser({ outputs }: RunOutcome, { reuse }: Pending): () => void {
    let memory = reuse ? (Object.values(outputs)[0]?.data.buffer ?? null) : null;
    return () => {
      if (memory instanceof SharedArrayBuffer && this.spare.length <= MOST_UNDER_WAY) this.spare.push(memory);
      memory = null;
    };
  }

  private settle(how: (pending: Pending) => void): void {
    const oldest = this.pending.shift();
    if (oldest) how(oldest);
  }
}

function whenGone(worker: Worker): Promise<AppError | null> {
  return new Promise((resolve) => {
    let cause: unknown = null;
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("messageerror", (error) => {
      cause = error;
    });
    worker.on("exit", (code) => {
      if (cause === null && code === 0) return resolve(null);
      const reason = cause instanceof Error ? cause.message : `exit code ${code}`;
      resolve(new AppError("INFERENCE_FAILED", `An inference thread died: ${reason}`, { cause }));
    });
  });
}
