import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { newPassword, type PasswordOptions, withPassword } from "../../people/new-password.ts";
import { openApi } from "../../server/open-api.ts";
import { findPerson } from "../../server/people.ts";

/** `octet people reset-password PERSON` */
export function addPeopleResetPassword(people: Command, context: CommandContext): void {
  withPassword(
    people
      .command("reset-password")
      .description("Give somebody a new password; wherever they are signed in, that ends")
      .argument("<person>", "e-mail address, name or id")
      .option("--json", "one JSON document on stdout"),
  ).action(
    context.action(async (who: string, options: PasswordOptions) => {
      const api = await openApi(context);
      const { id, email, name } = await findPerson(api, who);
      const { password, shown } = await newPassword(options);
      await api.mutate("people.resetPassword", { id, password }, z.unknown());
      context.output.result({ person: { id, email, name }, password: shown }, () =>
        [`${name} <${email}> has a new password`, ...(shown ? [`Password: ${shown}`] : [])].join("\n"),
      );
      return exitCodes.done;
    }),
  );
}
