import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";
import { findPerson } from "../../server/people.ts";

/** `octet people remove PERSON` */
export function addPeopleRemove(people: Command, context: CommandContext): void {
  people
    .command("remove")
    .description("Let somebody sign in no more; wherever they are signed in, that ends")
    .argument("<person>", "e-mail address, name or id")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (who: string) => {
        const api = await openApi(context);
        const { id, email, name } = await findPerson(api, who);
        await api.mutate("people.remove", { id }, z.unknown());
        context.output.result({ removed: { id, email, name } }, () => `Removed ${name} <${email}>`);
        return exitCodes.done;
      }),
    );
}
