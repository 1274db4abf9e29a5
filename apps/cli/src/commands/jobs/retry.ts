import { jobSchema } from "@octet/shared/domain/job";
import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { jobText } from "../../jobs/job-text.ts";
import { runJob } from "../../jobs/run-job.ts";
import { openServer } from "../../place/open-place.ts";
import { findJobId } from "../../server/jobs.ts";

/** `octet jobs retry JOB`: with the same inputs. */
export function addJobsRetry(jobs: Command, context: CommandContext): void {
  jobs
    .command("retry")
    .description("Queue a failed or cancelled job again, with the same inputs, and wait for it")
    .argument("<job>", "its id, or the end of it")
    .option("--json", "one JSON document on stdout")
    .option("--no-wait", "give the job's id at once, and do not wait for it")
    .action(
      context.action(async (text: string, { wait }: { wait: boolean }) => {
        const place = await openServer(context, {}, "A job");
        const { id } = await place.api.mutate("jobs.retry", { id: await findJobId(place.api, text) }, jobSchema);
        return runJob(context, place, {
          jobId: id,
          wait,
          done: async (job) => ({ document: { job }, text: jobText({ ...job, log: { lines: [], olderCursor: null } }) }),
        });
      }),
    );
}
