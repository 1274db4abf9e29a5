import { type Database, DbNull, type Transaction } from "@octet/db/client";
import { type Job, type JobKind, jobDefinitions } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import type { z } from "zod";
import { inputHashOf } from "../../server/jobs/input-hash.ts";
import { notFound } from "../../server/not-found.ts";
import { findJob, toJob } from "./data.ts";

/** Runs of a job that may be lost with their worker before it has failed. */
const ATTEMPTS = 3;

/**
 * Queues a job. Call `jobs.changed(job)` of the context after the commit: it is looked for then. Throws AppError BAD_INPUT
 * where the payload is not what the kind takes, NOT_FOUND where no such worker ever joined.
 */
export async function enqueueJob<K extends JobKind>(
  db: Database | Transaction,
  input: {
    kind: K;
    payload: z.input<(typeof jobDefinitions)[K]["payload"]>;
    /** What it is about, for people. */
    title: string;
    /** The profile or data set that its outcome goes to. */
    subjectId?: string | null;
    /** The only worker that may run it; null or absent: any. */
    onWorkerId?: string | null;
    createdBy: string | null;
  },
): Promise<Job> {
  const payload = jobDefinitions[input.kind].payload.safeParse(input.payload);
  if (!payload.success) {
    const [issue] = payload.error.issues;
    throw new AppError("BAD_INPUT", `A job of the kind ${input.kind} cannot take this: ${issue?.path.join(".")} ${issue?.message}`);
  }
  if (input.onWorkerId && (await db.worker.count({ where: { id: input.onWorkerId } })) === 0) throw notFound("worker");
  const row = await db.job.create({
    data: {
      kind: input.kind,
      title: input.title,
      payload: payload.data,
      inputHash: inputHashOf(input.kind, payload.data),
      subjectId: input.subjectId ?? null,
      onWorkerId: input.onWorkerId ?? null,
      createdBy: input.createdBy,
      giveUpAfter: ATTEMPTS,
    },
  });
  return toJob(row);
}

/** Ends a job that is queued or running; what its worker still sends is not taken. Call `jobs.changed(job)` afterwards. */
export async function cancelJob(db: Database, id: string): Promise<Job> {
  const [row] = await db.job.updateManyAndReturn({
    where: { id, state: { in: ["queued", "running"] } },
    data: { state: "cancelled", endedAt: new Date(), secondsLeft: null, ratePerSecond: null },
  });
  if (row) return toJob(row);
  const { state } = await findJob(db, id);
  throw new AppError("CONFLICT", `This job is ${state} already`);
}

/** Queues a failed or cancelled job anew, with the same inputs. Call `jobs.changed(job)` afterwards. */
export async function retryJob(db: Database, id: string): Promise<Job> {
  const { attempt, state } = await findJob(db, id);
  const [row] = await db.job.updateManyAndReturn({
    where: { id, attempt, state: { in: ["failed", "cancelled"] } },
    data: {
      state: "queued",
      // Attempts go on from where they were: a result of an older one must never look like that of a newer one.
      giveUpAfter: attempt + ATTEMPTS,
      percent: 0,
      stage: "",
      ratePerSecond: null,
      secondsLeft: null,
      workerId: null,
      startedAt: null,
      endedAt: null,
      error: DbNull,
      result: DbNull,
    },
  });
  if (row) return toJob(row);
  throw new AppError("CONFLICT", `This job is ${state}: only a failed or cancelled one can be tried again`);
}
