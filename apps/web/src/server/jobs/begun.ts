import type { Job } from "@octet/shared/domain/job";
import type { Context } from "../context.ts";

/** Has the job that a write queued looked for at once. */
export async function begun<T extends { job: Job }>(ctx: Context, write: Promise<T>): Promise<Omit<T, "job"> & { jobId: string }> {
  const { job, ...rest } = await write;
  ctx.jobs.changed(job);
  return { ...rest, jobId: job.id };
}
