import { type AccessToken, accessTokenSchema, type Role, roleSchema } from "@octet/shared/domain/access";
import { AppError } from "@octet/shared/errors";
import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";
import { createdTokenSchema } from "../../server/tokens.ts";

interface Options {
  kind: AccessToken["kind"];
  role?: Role;
}

/** `octet tokens create NAME --kind api|worker`: stdout is the token alone. */
export function addTokensCreate(tokens: Command, context: CommandContext): void {
  tokens
    .command("create")
    .description("Make a token for a worker or for a program; it is shown this once")
    .argument("<name>", "what it is for")
    .addOption(
      new Option("--kind <kind>", "worker: a worker joins with it; api: the CLI and other programs call the API with it")
        .choices(accessTokenSchema.shape.kind.options)
        .makeOptionMandatory(),
    )
    .addOption(new Option("--role <role>", "of an api token: what it may do; operator unless given").choices(roleSchema.options))
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (name: string, { kind, role }: Options) => {
        if (kind === "worker" && role !== undefined)
          throw new AppError("BAD_INPUT", "A worker's token has no role", { hint: "Leave --role out, or give --kind api." });
        const api = await openApi(context);
        const { token, ...created } = await api.mutate("tokens.create", { name, kind, ...(role ? { role } : {}) }, createdTokenSchema);
        context.output.note("This is the only time that the token is shown:");
        context.output.result({ created, token }, () => token);
        return exitCodes.done;
      }),
    );
}
