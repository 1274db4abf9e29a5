import { AppError } from "@octet/shared/errors";
import { type Engine, prepareEngine } from "./engine-builder.ts";
import { engineRoot } from "./env.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { type NodePlacement, placementFault } from "./node-placement.ts";
import { PoolSlot } from "./pool-slot.ts";
import type { ModelSignature, Provider, SessionInput } from "./session-messages.ts";
import type { RunOptions, SessionRun } from "./session-worker.ts";

export interface SessionPoolOptions {
  modelPath: string;
  /** Sessions, each in a thread of its own with one intra-op thread. */
  threads: number;
  /** Default "cpu". */
  provider?: Provider;
  /** What the model computes in, `fp32`, `fp16` or `int8`: what TensorRT's builder is allowed. Default `fp32`. */
  precision?: string;
  /** Where TensorRT's engines are kept. Default: below OCTET_HOME. */
  engines?: string;
  input: SessionInput;
  /**
   * Batches in all that threads are given while they still run another one. One keeps a thread from waiting for us between
   * two runs; its frame is then up to one run older than it had to be. Default 0.
   */
  prefetch?: number;
  /** CUDA's indices of the GPUs: sessions use one each, in turn. Default: the first. */
  devices?: readonly number[];
  /** Its threads give way to others of this host by so much, as of nice(1), where the system knows that of threads. Default 0. */
  nice?: number;
  /** Batch sizes that each session runs before the pool is ready. Default none. */
  warmUp?: readonly number[];
  /** Find out which provider runs each node; needs a warm-up. Default: on every provider but the CPU. */
  inspect?: boolean;
  logger?: Logger;
}

export interface PoolRun extends SessionRun {
  /** From the call of `run` until a thread took it, ms. */
  waitMs: number;
}

interface Queued {
  batch: Uint8Array[];
  options: RunOptions;
  since: number;
  resolve(run: PoolRun): void;
  reject(error: unknown): void;
}

/** Several sessions of one model, each in a worker thread, because ONNX Runtime blocks the thread that it runs in. */
export class SessionPool implements AsyncDisposable {
  /** Called whenever a thread becomes free and nothing waits for it: a scheduler's cue to hand out work. */
  onIdle: (() => void) | null = null;
  private readonly options: SessionPoolOptions;
  private readonly slots: PoolSlot[];
  private readonly queue: Queued[] = [];
  private closed: Promise<void> | null = null;
  private busyReadAt = performance.now();

  /** TensorRT's engine that its sessions run; null under other providers. */
  readonly engine: Engine | null;

  private constructor(options: SessionPoolOptions, slots: PoolSlot[], engine: Engine | null) {
    this.options = options;
    this.engine = engine;
    this.slots = slots;
    for (const slot of slots) slot.onChange = () => this.dispatch();
  }

  /**
   * Loads the model in `threads` threads. For TensorRT that is an engine of it, which is built first where there is none yet.
   * @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED or PROVIDER_UNAVAILABLE where it cannot be loaded
   */
  static async create(options: SessionPoolOptions): Promise<SessionPool> {
    const { provider = "cpu", input, devices = [], warmUp = [], nice = 0, logger = silentLogger } = options;
    const { inspect = provider !== "cpu" } = options;
    const threads = Math.max(1, Math.floor(options.threads));
    const engines = provider === "tensorrt" ? await enginesOf(options) : null;
    const start = (index: number): Promise<PoolSlot> => {
      const device = devices[index % devices.length];
      const modelPath = engines?.get(device ?? 0)?.file ?? options.modelPath;
      return PoolSlot.start({ modelPath, provider, input, warmUp, inspect, nice, ...(device === undefined ? {} : { device }) }, logger);
    };
    const results = await Promise.allSettled(Array.from({ length: threads }, (_, index) => start(index)));
    const slots = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failure = results.find((result) => result.status === "rejected");
    if (failure) {
      await Promise.all(slots.map((slot) => slot.close()));
      throw failure.reason;
    }
    return new SessionPool(options, slots, engines?.values().next().value ?? null);
  }

  get size(): number {
    return this.slots.length;
  }

  /** Batches that threads hold at most; more wait in the pool. */
  get capacity(): number {
    return this.slots.length + Math.min(this.slots.length, this.options.prefetch ?? 0);
  }

  /** Threads that would take work right now. */
  get idle(): number {
    return this.slots.reduce((sum, slot) => sum + (slot.free ? 1 : 0), 0);
  }

  /** Calls of `run` that wait for a thread. */
  get queued(): number {
    return this.queue.length;
  }

  get signature(): ModelSignature {
    return this.slots[0]!.signature;
  }

  /** Mean time that loading the model took, ms. */
  get loadMs(): number {
    return this.slots.reduce((sum, slot) => sum + slot.loadMs, 0) / this.slots.length;
  }

  /** Longest warm-up of a session, ms. */
  get warmUpMs(): number {
    return Math.max(...this.slots.map((slot) => slot.warmUpMs));
  }

  /** Which providers run the model's nodes, by the session that has most to hide; null where nobody looked. */
  get placement(): NodePlacement | null {
    const all = this.slots.flatMap(({ placement }) => placement ?? []);
    return all.find((placement) => placementFault(this.provider, placement) !== null) ?? all[0] ?? null;
  }

  get provider(): Provider {
    return this.options.provider ?? "cpu";
  }

  /** Why the model does not run where it was asked to; null where it does, or where nobody looked. */
  get fault(): string | null {
    const { placement } = this;
    return placement && placementFault(this.provider, placement);
  }

  /** Share of the threads' time in use since the last call, 0–1. */
  takeBusyShare(): number {
    const now = performance.now();
    const elapsed = now - this.busyReadAt;
    this.busyReadAt = now;
    const busy = this.slots.reduce((sum, slot) => sum + slot.takeBusyMs(now), 0);
    return elapsed <= 0 ? 0 : Math.min(1, busy / (elapsed * this.slots.length));
  }

  /**
   * Runs one batch of images, each 3·H·W planar bytes in the model's channel order. Their buffers are moved to the thread,
   * where they are not shared with it anyway, and come back as `returned`. Waits where no thread is free.
   * @throws AppError BAD_INPUT for a wrong size, INFERENCE_FAILED where the run failed or its thread died
   */
  async run(batch: Uint8Array[], options: RunOptions = {}): Promise<PoolRun> {
    const { width, height } = this.options.input;
    if (batch.length === 0) throw new AppError("BAD_INPUT", "A batch needs at least one image");
    const wrong = batch.find((bytes) => bytes.length !== 3 * width * height);
    if (wrong)
      throw new AppError("BAD_INPUT", `An image has ${wrong.length} bytes; the model takes 3·${width}·${height} = ${3 * width * height}`);
    if (this.closed) throw new AppError("INFERENCE_FAILED", "The sessions are closed");
    return new Promise((resolve, reject) => {
      this.queue.push({ batch, options, since: performance.now(), resolve, reject });
      this.dispatch();
    });
  }

  /** Lets the runs under way end, rejects those that wait, and ends the threads. May be called twice. */
  close(): Promise<void> {
    this.closed ??= this.closeAll();
    return this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async closeAll(): Promise<void> {
    this.rejectQueued("The sessions were closed");
    await Promise.all(this.slots.map((slot) => slot.close()));
  }

  private dispatch(): void {
    if (this.slots.every((slot) => slot.failing)) this.rejectQueued("No inference thread runs; they are being restarted");
    while (this.queue.length > 0) {
      const ahead = this.slots.reduce((sum, candidate) => sum + candidate.load, 0) < this.capacity;
      const slot =
        this.slots.find((candidate) => candidate.free) ?? (ahead ? this.slots.find((candidate) => candidate.hasRoom) : undefined);
      if (!slot) return;
      const next = this.queue.shift()!;
      const waitMs = performance.now() - next.since;
      slot.run(next.batch, next.options).then((outcome) => next.resolve({ ...outcome, waitMs: waitMs + outcome.behindMs }), next.reject);
    }
    if (!this.closed && this.idle > 0) this.onIdle?.();
  }

  private rejectQueued(message: string): void {
    for (const { reject } of this.queue.splice(0)) reject(new AppError("INFERENCE_FAILED", message));
  }
}

/** The engine for each GPU that sessions will use. */
async function enginesOf(options: SessionPoolOptions): Promise<Map<number, Engine>> {
  const { modelPath, input, precision = "fp32", engines: root = engineRoot(), devices = [], warmUp = [], logger } = options;
  const batches = warmUp.length > 0 ? warmUp : [1];
  const made = new Map<number, Engine>();
  for (const device of new Set(devices.length > 0 ? devices : [0]))
    made.set(device, await prepareEngine({ modelPath, precision, input, batches, device, root, ...(logger ? { logger } : {}) }));
  return made;
}
