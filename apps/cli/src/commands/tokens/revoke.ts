import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";
import { findToken } from "../../server/tokens.ts";

/** `octet tokens revoke TOKEN` */
export function addTokensRevoke(tokens: Command, context: CommandContext): void {
  tokens
    .command("revoke")
    .description("End a token: what uses it is disconnected and refused from now on")
    .argument("<token>", "its name or id, not the token itself")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (idOrName: string) => {
        const api = await openApi(context);
        const { id, name } = await findToken(api, idOrName);
        await api.mutate("tokens.revoke", { id }, z.unknown());
        context.output.result({ revoked: { id, name } }, () => `Revoked ${name}`);
        return exitCodes.done;
      }),
    );
}
