import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { numberBetween } from "../../options.ts";
import { exitCodes } from "../../output/output.ts";
import { table } from "../../output/table.ts";
import { alarmsPageSchema, stateOf } from "../../server/alarms.ts";
import { openApi } from "../../server/open-api.ts";

interface Options {
  open?: true;
  limit: number;
  cursor?: string;
}

/** `octet alarms list`: newest first. */
export function addAlarmsList(alarms: Command, context: CommandContext): void {
  alarms
    .command("list")
    .description("What needs attention, and what did; newest first")
    .option("--open", "only what has not passed")
    .option("--limit <number>", "at most so many", numberBetween(1, 200, { whole: true }), 50)
    .option("--cursor <cursor>", "go on where a list ended: its nextCursor")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async ({ open, limit, cursor }: Options) => {
        const api = await openApi(context);
        const page = await api.query("alarms.list", { ...(open ? { open } : {}), limit, cursor: cursor ?? null }, alarmsPageSchema);
        context.output.result({ alarms: page.items, nextCursor: page.nextCursor }, () =>
          table(
            page.items,
            [
              { title: "RAISED", of: ({ raisedAt }) => raisedAt.toISOString().slice(0, 19) },
              { title: "STATE", of: stateOf },
              { title: "SEVERITY", of: ({ severity }) => severity },
              { title: "KIND", of: ({ kind }) => kind },
              { title: "OF", of: ({ subjectName }) => subjectName },
              { title: "WHAT", of: ({ message }) => message },
              { title: "ID", of: ({ id }) => id.slice(-12) },
            ],
            open ? "Nothing needs attention." : "There was no alarm yet.",
          ),
        );
        if (page.nextCursor) context.output.note(`More: --cursor ${page.nextCursor}`);
        return exitCodes.done;
      }),
    );
}
