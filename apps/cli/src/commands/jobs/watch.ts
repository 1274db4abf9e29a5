import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { jobText } from "../../jobs/job-text.ts";
import { runJob } from "../../jobs/run-job.ts";
import { openServer } from "../../place/open-place.ts";
import { findJobId } from "../../server/jobs.ts";

/** `octet jobs watch JOB`: exit 1 where it fails. */
export function addJobsWatch(jobs: Command, context: CommandContext): void {
  jobs
    .command("watch")
    .description("Wait for a job, with its progress and its log; Ctrl-C leaves it running")
    .argument("<job>", "its id, or the end of it")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (id: string) => {
        const place = await openServer(context, {}, "A job");
        return runJob(context, place, {
          jobId: await findJobId(place.api, id),
          wait: true,
          showLog: true,
          done: async (job) => ({ document: { job }, text: jobText({ ...job, log: { lines: [], olderCursor: null } }) }),
        });
      }),
    );
}
