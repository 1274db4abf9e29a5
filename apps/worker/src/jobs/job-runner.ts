import { rmSync } from "node:fs";
import path from "node:path";
import { type JobKind, type JobOutcome, type JobProgress, type JobRun, jobDefinitions, lightJobKinds } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import { encoder, MAX_MESSAGE_BYTES } from "@octet/shared/protocol/message-pack";
import type { Logger } from "pino";
import { OutcomeStore, runKey } from "./outcome-store.ts";

export interface RunListener {
  onProgress(progress: JobProgress): void;
  onLog(line: string): void;
}

/** A run under way. */
export interface RunHandle {
  /** Resolves when nothing of it runs any more; never rejects. */
  readonly ended: Promise<JobOutcome>;
  /** Ends it soon. */
  cancel(): void;
}

export type StartRun = (kind: JobKind, payload: unknown, folder: string, listener: RunListener) => RunHandle;

/** The gateway, as far as runs are concerned. */
export interface JobLink {
  readonly connected: boolean;
  sendJobProgress(payload: JobRun & { progress: JobProgress; log: string[] }): void;
  /** Rejects where it was not taken. */
  endJob(payload: JobRun & { outcome: JobOutcome }): Promise<void>;
}

export interface JobRunnerOptions {
  /** `<home>/jobs`: outcomes, and a folder for each run. */
  folder: string;
  start: StartRun;
  link: JobLink;
  logger: Logger;
  /** Between two reports of a run, ms. Default 500. */
  reportMs?: number;
  /** First pause before an outcome is offered again, ms; doubles. Default 500. */
  retryMs?: number;
}

interface Running {
  run: JobRun;
  kind: JobKind;
  handle: RunHandle;
  progress: JobProgress;
  log: string[];
  changed: boolean;
  cancelled: boolean;
}

/** As many as one report may hold. */
const MAX_LOG_LINES = 100;
const MAX_LOG_CHARACTERS = 2000;
const MAX_RETRY_MS = 10_000;
/** Of a message around an outcome. */
const ENVELOPE_BYTES = 4096;

/** The runs of jobs on this worker: begun once, reported while they go on, and their outcomes kept until they are taken. */
export class JobRunner {
  private readonly options: JobRunnerOptions;
  private readonly outcomes: OutcomeStore;
  private readonly running = new Map<string, Running>();
  private readonly timer: NodeJS.Timeout;
  private retry: NodeJS.Timeout | null = null;
  private failures = 0;
  private delivering = false;
  private closed = false;

  constructor(options: JobRunnerOptions) {
    this.options = options;
    this.outcomes = new OutcomeStore(options.folder, (message) => options.logger.error(message));
    // What a process that died was at is begun anew, from nothing: its leavings are of no use.
    rmSync(this.workFolder, { recursive: true, force: true });
    this.timer = setInterval(() => this.report(), options.reportMs ?? 500);
    this.timer.unref();
  }

  /** Runs under way, and those whose outcome nobody has taken: for `hello`. */
  runs(): JobRun[] {
    const ended = this.outcomes.all().map(({ jobId, attempt }) => ({ jobId, attempt }));
    return [...[...this.running.values()].map(({ run }) => run), ...ended];
  }

  get size(): number {
    return this.running.size;
  }

  /**
   * Begins a run, once: the same one again changes nothing, and a newer attempt of its job takes its place.
   * @throws AppError BAD_INPUT where the payload is none of this kind, CONFLICT where the worker is busy or the attempt is over
   */
  async start(run: JobRun, kind: JobKind, payload: unknown): Promise<number> {
    const parsed = jobDefinitions[kind].payload.safeParse(payload);
    if (!parsed.success) {
      const { path: where, message } = parsed.error.issues[0]!;
      throw new AppError("BAD_INPUT", `The job's ${where.join(".")} is not valid: ${message}`);
    }
    if (this.closed) throw new AppError("WORKER_UNAVAILABLE", "This worker is ending");
    if (this.running.has(runKey(run))) return this.running.size;
    if (this.outcomes.has(run)) {
      void this.deliver();
      return this.running.size;
    }
    const others = [...this.running.values()].filter((other) => other.run.jobId === run.jobId);
    if (others.some((other) => other.run.attempt > run.attempt))
      throw new AppError("CONFLICT", `A newer attempt than ${run.attempt} of job ${run.jobId} runs here`);
    // Nobody waits for an older attempt, and two of them would write one result.
    for (const older of others) {
      older.cancelled = true;
      older.handle.cancel();
    }
    await Promise.all(others.map(({ handle }) => handle.ended));
    if (this.running.has(runKey(run))) return this.running.size;
    const busy = [...this.running.values()].find((other) => !lightJobKinds.has(other.kind));
    if (busy && !lightJobKinds.has(kind))
      throw new AppError("CONFLICT", `This worker is busy with another job (${busy.kind})`, { hint: "It takes one such job at a time." });
    this.begin(run, kind, parsed.data);
    return this.running.size;
  }

  /** @returns whether it is known here */
  cancel(run: JobRun): boolean {
    const running = this.running.get(runKey(run));
    if (!running) return this.outcomes.has(run);
    running.cancelled = true;
    running.handle.cancel();
    return true;
  }

  /** Offers what nobody has taken, one at a time: to be called when the gateway is (again) there. */
  async deliver(): Promise<void> {
    const { link, logger, retryMs = 500 } = this.options;
    if (this.delivering) return;
    this.delivering = true;
    try {
      for (let next = this.outcomes.all()[0]; next && link.connected && !this.closed; next = this.outcomes.all()[0]) {
        await link.endJob({ ...next, outcome: sendable(next.outcome) });
        this.outcomes.remove(next);
        this.failures = 0;
      }
    } catch (error) {
      logger.warn({ error: AppError.from(error).toInfo(), waiting: this.outcomes.all().length }, "a job's outcome was not taken yet");
      const wait = Math.min(MAX_RETRY_MS, retryMs * 2 ** Math.min(this.failures++, 10));
      if (this.retry) clearTimeout(this.retry);
      this.retry = setTimeout(() => void this.deliver(), wait);
      this.retry.unref();
    } finally {
      this.delivering = false;
    }
  }

  /** Ends every run without an outcome: whoever asked for it asks again. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    if (this.retry) clearTimeout(this.retry);
    const runs = [...this.running.values()];
    for (const { handle } of runs) handle.cancel();
    await Promise.all(runs.map(({ handle }) => handle.ended));
  }

  private get workFolder(): string {
    return path.join(this.options.folder, "work");
  }

  private begin(run: JobRun, kind: JobKind, payload: unknown): void {
    const key = runKey(run);
    const folder = path.join(this.workFolder, key);
    const handle = this.options.start(kind, payload, folder, {
      onProgress: (progress) => {
        running.progress = progress;
        running.changed = true;
      },
      onLog: (line) => {
        running.log.push(line.slice(0, MAX_LOG_CHARACTERS));
        if (running.log.length > MAX_LOG_LINES) running.log.splice(0, running.log.length - MAX_LOG_LINES);
        running.changed = true;
      },
    });
    const progress: JobProgress = { stage: "starting", percent: 0, ratePerSecond: null, secondsLeft: null };
    const running: Running = { run: { ...run }, kind, handle, progress, log: [], changed: true, cancelled: false };
    this.running.set(key, running);
    this.options.logger.info({ ...run, kind }, "job begins");
    void handle.ended.then((outcome) => {
      // The last lines first: who looks at a failed job wants them.
      this.report();
      this.running.delete(key);
      rmSync(folder, { recursive: true, force: true });
      if (this.closed) return;
      const final: JobOutcome = running.cancelled && outcome.state !== "done" ? { state: "cancelled" } : outcome;
      this.options.logger.info({ ...run, kind, state: final.state, ...(final.state === "failed" ? final.error : {}) }, "job ended");
      this.outcomes.add(run, final);
      void this.deliver();
    });
  }

  private report(): void {
    const { link } = this.options;
    if (!link.connected) return;
    for (const running of this.running.values()) {
      if (!running.changed) continue;
      running.changed = false;
      link.sendJobProgress({ ...running.run, progress: running.progress, log: running.log.splice(0) });
    }
  }
}

/**
 * The outcome, or a failure in its place where it is more than one message holds: the gateway would close the connection on
 * it, with all cameras on that, and it would be offered again for ever.
 */
function sendable(outcome: JobOutcome): JobOutcome {
  const { length } = encoder.encode(outcome);
  if (length <= MAX_MESSAGE_BYTES - ENVELOPE_BYTES) return outcome;
  const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);
  const error = new AppError(
    "BAD_INPUT",
    `The job's result has ${megabytes(length)} MiB, and at most ${megabytes(MAX_MESSAGE_BYTES)} can be sent`,
    { hint: "It was given too much at once: make several data sets of these images." },
  );
  return { state: "failed", error: error.toInfo() };
}
