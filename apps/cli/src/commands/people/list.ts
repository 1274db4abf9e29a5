import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { table } from "../../output/table.ts";
import { instant } from "../../output/units.ts";
import { openApi } from "../../server/open-api.ts";
import { listPeople } from "../../server/people.ts";

/** `octet people list` */
export function addPeopleList(people: Command, context: CommandContext): void {
  people
    .command("list")
    .description("Who may sign in, and as what")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async () => {
        const list = await listPeople(await openApi(context));
        context.output.result({ people: list }, () =>
          table(
            list,
            [
              { title: "NAME", of: ({ name }) => name },
              { title: "E-MAIL", of: ({ email }) => email },
              { title: "ROLE", of: ({ role }) => role },
              { title: "SINCE", of: ({ createdAt }) => instant(createdAt) },
              { title: "ID", of: ({ id }) => id },
            ],
            "Nobody may sign in.",
          ),
        );
        return exitCodes.done;
      }),
    );
}
