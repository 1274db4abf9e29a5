import type { Job, JobKind, JobOutcome, JobRun } from "@octet/shared/domain/job";
import type { Logger } from "pino";
import type { JobPort, Topic } from "../runtime.ts";
import type { JobStore } from "./job-store.ts";
import { topicsOf } from "./outcome-hooks.ts";
import { type JobWorker, pickWorker } from "./pick-worker.ts";
import { ProgressBuffer, type RunProgress } from "./progress-buffer.ts";

/** taken: it runs; refused: it does not; silent: no answer; gone: the connection was lost before one came. */
export type StartAnswer = { answer: "taken" | "silent" | "gone" } | { answer: "refused"; reason: string };

/** What the dispatcher asks of the gateway. */
export interface JobLink {
  jobWorkers(): JobWorker[];
  startJob(workerId: string, run: JobRun & { kind: JobKind; payload: unknown }): Promise<StartAnswer>;
  /** Without an answer: where it gets lost, the run's next report brings another. */
  cancelJob(workerId: string, run: JobRun): void;
  tellJob(job: Job): void;
  changed(topic: Topic): void;
}

/** What the gateway tells the dispatcher. */
export interface JobRuns {
  /** A worker joins with these runs. Returns those that do not count any more. Throws where the database is away. */
  joining(workerId: string, runs: readonly JobRun[]): Promise<JobRun[]>;
  joined(workerId: string): void;
  progressed(report: RunProgress): void;
  /** Whether the outcome was taken. Throws where the database is away. */
  ended(workerId: string, run: JobRun, outcome: JobOutcome): Promise<boolean>;
}

export interface DispatcherOptions {
  store: JobStore;
  link: JobLink;
  logger: Logger;
  /** A worker that is away keeps its runs for so long. */
  graceMs: number;
  /** How often progress is written, and how often is looked for what nobody told of. */
  writeMs?: number;
  lookMs?: number;
  /** A worker that refused a job is not asked for it again for so long; doubles with each refusal, up to 30 s. */
  refusedMs?: number;
  /** Wakes the other web processes. */
  wakeOthers?: () => Promise<void>;
}

const REFUSED_MAX_MS = 30_000;
const CAME_BACK_WITHOUT = "The worker came back without it";
const keyOf = ({ jobId, attempt }: JobRun): string => `${jobId}/${attempt}`;

/**
 * Gives queued jobs to workers and takes what becomes of them. The rows of the table are the truth, and each change of one
 * names the attempt that it means: a process that dies here, a worker or Postgres loses nothing but time.
 */
export class JobDispatcher implements JobPort, JobRuns {
  private readonly options: DispatcherOptions;
  private readonly buffer = new ProgressBuffer();
  /** Attempts whose worker was asked and has not answered yet, and those of them that it came back without meanwhile. */
  private readonly starting = new Set<string>();
  private readonly missing = new Set<string>();
  private readonly refusals = new Map<string, { until: number; count: number }>();
  private readonly timers: NodeJS.Timeout[];
  /** Since when this process has told without a gap which workers it has; null while it cannot. */
  private steadySince: number | null = null;
  private looking: Promise<void> | null = null;
  private lookAgain = false;
  private writing: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(options: DispatcherOptions) {
    this.options = options;
    this.timers = [
      setInterval(() => void this.write(), options.writeMs ?? 1000),
      setInterval(() => void this.look(), options.lookMs ?? 5000),
    ];
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearInterval(timer);
    await this.looking;
    await this.write();
  }

  changed(job: Job): void {
    this.options.link.tellJob(job);
    if (job.state === "queued") {
      void this.look();
      void this.options
        .wakeOthers?.()
        .catch((error: Error) => this.options.logger.debug({ error: error.message }, "others were not woken"));
    }
    if (job.state !== "running") this.forgetRefusals((key) => key.startsWith(`${job.id} `));
    if (job.state === "cancelled" && job.workerId) {
      this.buffer.take(job.id);
      this.options.link.cancelJob(job.workerId, { jobId: job.id, attempt: job.attempt });
    }
  }

  async joining(workerId: string, runs: readonly JobRun[]): Promise<JobRun[]> {
    const { store } = this.options;
    const here = new Set(runs.map(keyOf));
    for (const run of await store.runsOf(workerId)) {
      if (here.has(keyOf(run))) continue;
      if (this.starting.has(keyOf(run))) this.missing.add(keyOf(run));
      else await this.lose(run, CAME_BACK_WITHOUT);
    }
    const stale: JobRun[] = [];
    for (const run of runs) if (!(await store.adopt(run, workerId))) stale.push(run);
    return stale;
  }

  joined(workerId: string): void {
    // It may take now what it refused before.
    this.forgetRefusals((key) => key.endsWith(` ${workerId}`));
    void this.look();
  }

  progressed(report: RunProgress): void {
    this.buffer.add(report);
  }

  async ended(workerId: string, run: JobRun, outcome: JobOutcome): Promise<boolean> {
    const { store, link, logger } = this.options;
    await this.write(run.jobId);
    const job = await store.end(run, outcome);
    if (!job) return false;
    logger.info({ job: run.jobId, kind: job.kind, state: job.state, worker: workerId, error: job.error?.code }, "a job ended");
    if (job.error) await store.log(job.id, [`${job.error.code}: ${job.error.message}`]).catch(() => {});
    link.tellJob(job);
    if (job.state === "done") for (const topic of topicsOf[job.kind]) link.changed(topic);
    void this.look();
    return true;
  }

  /** Begins what can begin. One look at a time; calls that come meanwhile make one more. */
  look(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.lookAgain = true;
    this.looking ??= (async () => {
      while (this.lookAgain && !this.closed) {
        this.lookAgain = false;
        await this.lookOnce().catch((error: Error) => {
          // Said once an outage.
          if (this.steadySince !== null)
            this.options.logger.warn({ error: error.message }, "jobs cannot be given to workers now; trying again");
          this.steadySince = null;
        });
      }
    })().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const { store, link, graceMs } = this.options;
    const now = Date.now();
    const connected = link.jobWorkers().map(({ id }) => id);
    await store.seen(connected, new Date(now));
    this.steadySince ??= now;
    // Right after a start, or an outage of the database, every worker looks lost.
    if (now - this.steadySince >= graceMs)
      for (const run of await store.lostRuns(connected, new Date(now - graceMs)))
        await this.lose(run, `The worker ${run.workerId} was lost`);

    const queued = await store.queued();
    if (queued.length === 0) return;
    const busy = await store.busyWorkers();
    for (const job of queued) {
      const workerId = pickWorker(job, link.jobWorkers(), busy, (id) => (this.refusals.get(`${job.id} ${id}`)?.until ?? 0) > Date.now());
      if (workerId === null) continue;
      const claimed = await store.claim(job.id, workerId);
      if (!claimed) continue;
      for (const one of await store.busyWorkers()) busy.add(one);
      void this.begin(workerId, claimed).catch((error: Error) =>
        // The row says running: the worker's next report, its return or its loss puts it right.
        this.options.logger.warn({ job: job.id, error: error.message }, "a job's start could not be noted"),
      );
    }
  }

  private async begin(workerId: string, job: Job & { payload: unknown }): Promise<void> {
    const { store, link, logger } = this.options;
    const { payload, ...shown } = job;
    const run = { jobId: job.id, attempt: job.attempt };
    this.starting.add(keyOf(run));
    link.tellJob(shown);
    // Before the worker can say anything: its lines come after this one.
    await store.log(job.id, [`Attempt ${job.attempt} goes to ${workerId}`]).catch(() => {});
    const answer = await link.startJob(workerId, { ...run, kind: job.kind, payload });
    this.starting.delete(keyOf(run));
    if (this.missing.delete(keyOf(run))) return this.lose(run, CAME_BACK_WITHOUT);
    if (answer.answer === "taken") {
      this.forgetRefusals((key) => key.startsWith(`${job.id} `));
      logger.info({ job: job.id, kind: job.kind, attempt: job.attempt, worker: workerId }, "a job began");
    } else if (answer.answer === "refused") {
      logger.info({ job: job.id, worker: workerId, reason: answer.reason }, "a worker refused a job");
      this.noteRefusal(`${job.id} ${workerId}`);
      const released = await store.release(run);
      if (released) {
        await store.log(job.id, [`${workerId} cannot run it now: ${answer.reason}`]);
        link.tellJob(released);
      }
      void this.look();
    } else if (answer.answer === "silent") {
      link.cancelJob(workerId, run);
      await this.lose(run, `The worker ${workerId} did not answer`);
    }
    // Gone: when it is back it says whether it has the run; if it does not come back, the run is lost.
  }

  private forgetRefusals(which: (key: string) => boolean): void {
    for (const key of this.refusals.keys()) if (which(key)) this.refusals.delete(key);
  }

  private noteRefusal(key: string): void {
    const count = this.refusals.get(key)?.count ?? 0;
    const waitMs = Math.min(REFUSED_MAX_MS, (this.options.refusedMs ?? 2000) * 2 ** count);
    this.refusals.set(key, { until: Date.now() + waitMs, count: count + 1 });
  }

  private async lose(run: JobRun, why: string): Promise<void> {
    // What it still said belongs before its end.
    await this.write(run.jobId);
    const job = await this.options.store.lose(run, why);
    if (!job) return;
    this.options.logger.warn({ job: run.jobId, attempt: run.attempt, state: job.state }, why);
    this.options.link.tellJob(job);
    void this.look();
  }

  /** Writes what runs have reported; what the database cannot take now is kept. */
  private write(jobId?: string): Promise<void> {
    this.writing = this.writing.then(async () => {
      for (const report of this.buffer.take(jobId)) {
        try {
          const job = await this.options.store.progress(report, report.progress, report.log);
          if (job) this.options.link.tellJob(job);
          else this.options.link.cancelJob(report.workerId, report);
        } catch (error) {
          this.options.logger.debug({ error: (error as Error).message }, "progress could not be written; trying again");
          this.buffer.putBack(report);
        }
      }
    });
    return this.writing;
  }
}
