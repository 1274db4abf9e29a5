import type { Database, Transaction } from "@octet/db/client";
import { type Job, jobSchema } from "@octet/shared/domain/job";
import { notFound } from "../../server/not-found.ts";
import type { JobById, ListJobs } from "./schema.ts";

type JobRow = NonNullable<Awaited<ReturnType<Database["job"]["findUnique"]>>>;

/** A row as people and programs see it. Throws where another version wrote it. */
export const toJob = (row: JobRow): Job => jobSchema.parse(row);

/** Newest first. */
export async function listJobs(db: Database, filter: ListJobs): Promise<{ items: Job[]; nextCursor: string | null }> {
  const rows = await db.job.findMany({
    where: {
      ...(filter.states ? { state: { in: filter.states } } : {}),
      ...(filter.kinds ? { kind: { in: filter.kinds } } : {}),
      ...(filter.subjectId ? { subjectId: filter.subjectId } : {}),
      // Ids are UUIDs of version 7: their order is that of time.
      ...(filter.cursor ? { id: { lt: filter.cursor } } : {}),
    },
    orderBy: { id: "desc" },
    take: filter.limit + 1,
  });
  const shown = rows.slice(0, filter.limit);
  const items = shown.flatMap((row) => {
    // A kind that this version does not know is no reason to hide all others.
    const job = jobSchema.safeParse(row);
    return job.success ? [job.data] : [];
  });
  return { items, nextCursor: rows.length > filter.limit ? (shown.at(-1)?.id ?? null) : null };
}

export interface JobDetail extends Job {
  payload: unknown;
  result: unknown;
  createdBy: string | null;
  /** Oldest line first; `olderCursor` (null: there are none) gives the lines before. */
  log: { lines: { id: string; at: Date; text: string }[]; olderCursor: string | null };
}

/** One job with its inputs, its result and a page of its log. Throws AppError NOT_FOUND. */
export async function getJob(db: Database, { id, logBefore, logLimit }: JobById): Promise<JobDetail> {
  const row = await findJob(db, id);
  const lines = await db.jobLog.findMany({
    where: { jobId: id, ...(logBefore ? { id: { lt: BigInt(logBefore) } } : {}) },
    orderBy: { id: "desc" },
    take: logLimit + 1,
  });
  const shown = lines.slice(0, logLimit).reverse();
  return {
    ...toJob(row),
    payload: row.payload,
    result: row.result,
    createdBy: row.createdBy,
    log: {
      lines: shown.map((line) => ({ id: String(line.id), at: line.at, text: line.text })),
      olderCursor: lines.length > logLimit && shown[0] ? String(shown[0].id) : null,
    },
  };
}

export async function findJob(db: Database | Transaction, id: string): Promise<JobRow> {
  const row = await db.job.findUnique({ where: { id } });
  if (!row) throw notFound("job");
  return row;
}
