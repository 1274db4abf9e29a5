import { jobSchema } from "@octet/shared/domain/job";
import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openServer } from "../../place/open-place.ts";
import { whereOf } from "../../place/place.ts";
import { findJobId } from "../../server/jobs.ts";

/** `octet jobs cancel JOB` */
export function addJobsCancel(jobs: Command, context: CommandContext): void {
  jobs
    .command("cancel")
    .description("End a job that waits or runs; what it has made until then is dropped")
    .argument("<job>", "its id, or the end of it")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (id: string) => {
        const place = await openServer(context, {}, "A job");
        const job = await place.api.mutate("jobs.cancel", { id: await findJobId(place.api, id) }, jobSchema);
        context.output.result({ ...whereOf(place), job }, () => `Cancelled: ${job.title}`);
        return exitCodes.done;
      }),
    );
}
