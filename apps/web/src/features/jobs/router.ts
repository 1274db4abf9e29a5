import { jobIdSchema } from "@octet/shared/domain/job";
import { z } from "zod";
import { operator, router, signedIn } from "../../server/trpc.ts";
import { getJob, listJobs } from "./data.ts";
import { cancelJob, retryJob } from "./mutations.ts";
import { jobByIdSchema, listJobsSchema } from "./schema.ts";

const idSchema = z.object({ id: jobIdSchema });

export const jobsRouter = router({
  list: signedIn
    .meta({ summary: "Jobs, newest first, by pages" })
    .input(listJobsSchema)
    .query(({ ctx, input }) => listJobs(ctx.db, input)),
  byId: signedIn
    .meta({ summary: "A job with its input, result and log" })
    .input(jobByIdSchema)
    .query(({ ctx, input }) => getJob(ctx.db, input)),
  cancel: operator
    .meta({ summary: "Ends a job that waits or runs" })
    .input(idSchema)
    .mutation(async ({ ctx, input }) => {
      const job = await cancelJob(ctx.db, input.id);
      ctx.jobs.changed(job);
      return job;
    }),
  retry: operator
    .meta({ summary: "Queues a job that failed or was cancelled once more" })
    .input(idSchema)
    .mutation(async ({ ctx, input }) => {
      const job = await retryJob(ctx.db, input.id);
      ctx.jobs.changed(job);
      return job;
    }),
});
