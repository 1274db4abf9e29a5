import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { jobText } from "../../jobs/job-text.ts";
import { exitCodes } from "../../output/output.ts";
import { numberBetween } from "../../options.ts";
import { openServer } from "../../place/open-place.ts";
import { placeText, whereOf } from "../../place/place.ts";
import { findJobId, jobById } from "../../server/jobs.ts";

/** `octet jobs show JOB`: its inputs, its outcome, its log. */
export function addJobsShow(jobs: Command, context: CommandContext): void {
  jobs
    .command("show")
    .description("A job with its inputs, its outcome and its log")
    .argument("<job>", "its id, or the end of it")
    .option("--json", "one JSON document on stdout")
    .option("--log <lines>", "so many lines of its log", numberBetween(0, 2000, { whole: true }), 50)
    .action(
      context.action(async (id: string, { log }: { log: number }) => {
        const place = await openServer(context, {}, "A job");
        const job = await jobById(place.api, await findJobId(place.api, id), log);
        context.output.result({ ...whereOf(place), job }, () => `${placeText(place)}\n\n${jobText(job)}`);
        return exitCodes.done;
      }),
    );
}
