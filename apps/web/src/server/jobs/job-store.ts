import type { Database, Transaction } from "@octet/db/client";
import {
  type Job,
  type JobKind,
  type JobOutcome,
  type JobProgress,
  type JobRun,
  jobDefinitions,
  jobKindSchema,
  lightJobKinds,
} from "@octet/shared/domain/job";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import { toJob } from "../../features/jobs/data.ts";
import { databaseAway } from "../context.ts";
import type { EndedJob, JobOutcomeHooks } from "./outcome-hooks.ts";
import { LOG_LINES } from "./progress-buffer.ts";

/** Long enough for the pictures of a large data set. */
const OUTCOME_TIMEOUT_MS = 60_000;

/**
 * Every change of a job's row that the dispatcher makes. Each names the run (job and attempt) that it means, and changes
 * nothing where another counts by now: several web processes, and workers that were thought lost, cannot disagree.
 */
export class JobStore {
  private readonly db: Database;
  private readonly hooks: JobOutcomeHooks;

  constructor(db: Database, hooks: JobOutcomeHooks) {
    this.db = db;
    this.hooks = hooks;
  }

  /** Oldest first. */
  async queued(limit = 500): Promise<{ id: string; kind: JobKind; payload: unknown; onWorkerId: string | null }[]> {
    const rows = await this.db.job.findMany({
      where: { state: "queued", kind: { in: jobKindSchema.options } },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      take: limit,
      select: { id: true, kind: true, payload: true, onWorkerId: true },
    });
    return rows.map((row) => ({ ...row, kind: jobKindSchema.parse(row.kind) }));
  }

  /** Workers that run a job which is not light. */
  async busyWorkers(): Promise<Set<string>> {
    const rows = await this.db.job.findMany({
      where: { state: "running", kind: { notIn: [...lightJobKinds] } },
      select: { workerId: true },
    });
    return new Set(rows.flatMap((row) => row.workerId ?? []));
  }

  /** Begins an attempt, unless somebody else has, or the worker runs another job by now. */
  async claim(jobId: string, workerId: string): Promise<(Job & { payload: unknown }) | null> {
    const light = [...lightJobKinds];
    const claimed = await this.db.$executeRaw`
      UPDATE job SET state = 'running', attempt = attempt + 1, worker_id = ${workerId}, started_at = ${new Date()}, percent = 0, stage = 'starting',
        rate_per_second = NULL, seconds_left = NULL
      WHERE id = (SELECT id FROM job WHERE id = ${jobId}::uuid AND state = 'queued' FOR UPDATE SKIP LOCKED)
        AND (kind = ANY(${light}) OR NOT EXISTS (
          SELECT 1 FROM job other WHERE other.state = 'running' AND other.worker_id = ${workerId} AND other.kind <> ALL(${light})))`;
    if (claimed === 0) return null;
    const row = await this.db.job.findUnique({ where: { id: jobId } });
    return row && { ...toJob(row), payload: row.payload };
  }

  /** A worker refused: nothing ran, so the attempt is not spent. */
  async release({ jobId, attempt }: JobRun): Promise<Job | null> {
    const [row] = await this.db.job.updateManyAndReturn({
      where: { id: jobId, attempt, state: "running" },
      data: { state: "queued", attempt: attempt - 1, workerId: null, startedAt: null, stage: "" },
    });
    return row ? toJob(row) : null;
  }

  /** The run is lost: the job is queued again, or has failed where that happened too often. */
  async lose({ jobId, attempt }: JobRun, why: string): Promise<Job | null> {
    return this.db.$transaction(async (tx) => this.loseIn(tx, { jobId, attempt }, why));
  }

  /** Running jobs whose worker nobody has seen since `before`, and which is not among `connected`. */
  async lostRuns(connected: readonly string[], before: Date): Promise<(JobRun & { workerId: string })[]> {
    return this.db.$queryRaw`
      SELECT job.id::text AS "jobId", job.attempt, coalesce(job.worker_id, '') AS "workerId"
      FROM job LEFT JOIN worker ON worker.id = job.worker_id
      WHERE job.state = 'running' AND NOT coalesce(job.worker_id = ANY(${[...connected]}), false)
        AND coalesce(worker.last_seen_at, '-infinity') < ${before}`;
  }

  async runsOf(workerId: string): Promise<JobRun[]> {
    const rows = await this.db.job.findMany({ where: { state: "running", workerId }, select: { id: true, attempt: true } });
    return rows.map(({ id, attempt }) => ({ jobId: id, attempt }));
  }

  /** A worker that was given up is back with a run that nobody has begun anew: it counts again. */
  async adopt({ jobId, attempt }: JobRun, workerId: string): Promise<boolean> {
    const { count } = await this.db.job.updateMany({
      where: { id: jobId, attempt, state: { in: ["queued", "running"] } },
      data: { state: "running", workerId },
    });
    return count > 0;
  }

  /** These workers are connected now. */
  async seen(workerIds: readonly string[], at: Date): Promise<void> {
    await this.db.worker.updateMany({ where: { id: { in: [...workerIds] } }, data: { lastSeenAt: at } });
  }

  /** null: this run does not count. */
  async progress({ jobId, attempt }: JobRun, progress: JobProgress, log: readonly string[]): Promise<Job | null> {
    const [row] = await this.db.job.updateManyAndReturn({ where: { id: jobId, attempt, state: "running" }, data: progress });
    if (!row) return null;
    await this.log(jobId, log);
    return toJob(row);
  }

  /** Adds lines and keeps the last 2000. */
  async log(jobId: string, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await this.db.jobLog.createMany({ data: lines.map((text) => ({ jobId, text: storable(text) })) });
    await this.db.$executeRaw`
      DELETE FROM job_log WHERE job_id = ${jobId}::uuid
        AND id <= (SELECT id FROM job_log WHERE job_id = ${jobId}::uuid ORDER BY id DESC OFFSET ${LOG_LINES} LIMIT 1)`;
  }

  /**
   * Ends a run with what its worker reported. null: it does not count any more. Throws where the database is away: nothing
   * has changed then, and the worker must keep the outcome.
   */
  async end(run: JobRun, outcome: JobOutcome): Promise<Job | null> {
    try {
      return await this.db.$transaction((tx) => this.endIn(tx, run, outcome), { timeout: OUTCOME_TIMEOUT_MS, maxWait: 10_000 });
    } catch (error) {
      if (databaseAway(error) || /Unable to start a transaction/.test((error as Error).message)) throw error;
      // The result, or what it was to do here, is at fault: sent again it would fail again.
      return await this.db.$transaction((tx) => this.endIn(tx, run, { state: "failed", error: infoOf(error) }));
    }
  }

  private async endIn(tx: Transaction, { jobId, attempt }: JobRun, outcome: JobOutcome): Promise<Job | null> {
    const locked = await tx.$queryRaw<unknown[]>`
      SELECT 1 FROM job WHERE id = ${jobId}::uuid AND state = 'running' AND attempt = ${attempt} FOR UPDATE`;
    if (locked.length === 0) return null;
    // Nobody here asked for it (else it would be cancelled already): the worker had to stop.
    if (outcome.state === "cancelled") return this.loseIn(tx, { jobId, attempt }, "The worker stopped in the middle of it");
    const ended = { state: outcome.state, endedAt: new Date(), ratePerSecond: null, secondsLeft: null };
    if (outcome.state === "failed") return toJob(await tx.job.update({ where: { id: jobId }, data: { ...ended, error: outcome.error } }));
    const row = await tx.job.findUniqueOrThrow({ where: { id: jobId } });
    const kind = jobKindSchema.parse(row.kind);
    const result = jobDefinitions[kind].result.safeParse(outcome.result);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw new AppError(
        "PROTOCOL_MISMATCH",
        `The worker's result is not one of the kind ${kind}: ${issue?.path.join(".")} ${issue?.message}`,
        {
          hint: "Run the same version of Octet on both.",
        },
      );
    }
    const job = { ...toJob(row), payload: jobDefinitions[kind].payload.parse(row.payload), createdBy: row.createdBy } as EndedJob;
    await (this.hooks[kind] as ((tx: Transaction, job: EndedJob, result: unknown) => Promise<void>) | undefined)?.(tx, job, result.data);
    return toJob(await tx.job.update({ where: { id: jobId }, data: { ...ended, percent: 100, stage: "", result: toJson(result.data) } }));
  }

  private async loseIn(tx: Transaction, { jobId, attempt }: JobRun, why: string): Promise<Job | null> {
    const where = { id: jobId, attempt, state: "running" };
    const error: ErrorInfo = {
      code: "WORKER_UNAVAILABLE",
      message: `${why}, at the last of its attempts`,
      hint: "See the log here and that of the worker; then try again.",
    };
    const [failed] = await tx.job.updateManyAndReturn({
      where: { ...where, giveUpAfter: { lte: attempt } },
      data: { state: "failed", endedAt: new Date(), ratePerSecond: null, secondsLeft: null, error },
    });
    const [queued] = failed
      ? []
      : await tx.job.updateManyAndReturn({
          where,
          data: { state: "queued", workerId: null, startedAt: null, percent: 0, stage: "", ratePerSecond: null, secondsLeft: null },
        });
    const row = failed ?? queued;
    if (!row) return null;
    await tx.jobLog.create({ data: { jobId, text: `${why}${failed ? "" : ": queued again"}` } });
    return toJob(row);
  }
}

/** What JSON cannot hold (a date of a data set's image) becomes what it is in JSON. */
const toJson = (value: object): object => JSON.parse(JSON.stringify(value)) as object;

/** Postgres takes no NUL in text. */
const storable = (text: string): string => text.replaceAll("\0", "�");

function infoOf(error: unknown): ErrorInfo {
  if (error instanceof AppError) return error.toInfo();
  return { code: "INTERNAL", message: "The result could not be taken by the server", hint: "The web log has the details." };
}
