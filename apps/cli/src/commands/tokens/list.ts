import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { table } from "../../output/table.ts";
import { instant } from "../../output/units.ts";
import { openApi } from "../../server/open-api.ts";
import { listTokens } from "../../server/tokens.ts";

/** `octet tokens list` */
export function addTokensList(tokens: Command, context: CommandContext): void {
  tokens
    .command("list")
    .description("Tokens of workers and of programs; what they are is shown once, when they are made")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async () => {
        const list = await listTokens(await openApi(context));
        context.output.result({ tokens: list }, () =>
          table(
            list,
            [
              { title: "NAME", of: ({ name }) => name },
              { title: "KIND", of: ({ kind }) => kind },
              { title: "ROLE", of: ({ kind, role }) => (kind === "api" ? role : "") },
              { title: "MADE", of: ({ createdAt }) => instant(createdAt) },
              { title: "LAST USED", of: ({ lastUsedAt }) => (lastUsedAt ? instant(lastUsedAt) : "never") },
              { title: "ID", of: ({ id }) => id },
            ],
            "There are no tokens.",
          ),
        );
        return exitCodes.done;
      }),
    );
}
