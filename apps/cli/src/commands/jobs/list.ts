import { jobKindSchema, jobKinds, jobStateSchema } from "@octet/shared/domain/job";
import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { jobsTable } from "../../jobs/job-text.ts";
import { collect, numberBetween } from "../../options.ts";
import { exitCodes } from "../../output/output.ts";
import { parseInput } from "../../parse-input.ts";
import { openServer } from "../../place/open-place.ts";
import { placeText, whereOf } from "../../place/place.ts";
import { jobsPageSchema } from "../../server/jobs.ts";

const namesSchema = z.object({ state: z.array(jobStateSchema).optional(), kind: z.array(jobKindSchema).optional() });

interface Options {
  state?: string[];
  kind?: string[];
  limit: number;
  cursor?: string;
}

/** `octet jobs list`: newest first. */
export function addJobsList(jobs: Command, context: CommandContext): void {
  jobs
    .command("list")
    .description("Jobs of a server, newest first")
    .option("--json", "one JSON document on stdout")
    .addOption(
      new Option("--state <state>", `only in this one; may be given several times: ${jobStateSchema.options.join(", ")}`).argParser(
        collect,
      ),
    )
    .addOption(new Option("--kind <kind>", `only of this one; may be given several times: ${jobKinds.join(", ")}`).argParser(collect))
    .option("--limit <number>", "at most so many", numberBetween(1, 200, { whole: true }), 50)
    .option("--cursor <cursor>", "go on where a list ended: its nextCursor")
    .action(
      context.action(async ({ state, kind, limit, cursor }: Options) => {
        const place = await openServer(context, {}, "A list of jobs");
        const { state: states, kind: kinds } = parseInput(namesSchema, { state, kind } as z.input<typeof namesSchema>);
        const filter = { ...(states ? { states } : {}), ...(kinds ? { kinds } : {}), limit, cursor: cursor ?? null };
        const page = await place.api.query("jobs.list", filter, jobsPageSchema);
        context.output.result(
          { ...whereOf(place), jobs: page.items, nextCursor: page.nextCursor },
          () => `${placeText(place)}\n\n${jobsTable(page.items)}`,
        );
        if (page.nextCursor) context.output.note(`More: --cursor ${page.nextCursor}`);
        return exitCodes.done;
      }),
    );
}
