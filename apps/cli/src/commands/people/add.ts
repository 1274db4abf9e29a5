import { type Role, roleSchema } from "@octet/shared/domain/access";
import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { newPassword, type PasswordOptions, withPassword } from "../../people/new-password.ts";
import { openApi } from "../../server/open-api.ts";
import { findPerson } from "../../server/people.ts";

interface Options extends PasswordOptions {
  name: string;
  role: Role;
}

/** `octet people add EMAIL --name NAME` */
export function addPeopleAdd(people: Command, context: CommandContext): void {
  withPassword(
    people
      .command("add")
      .description("Let somebody sign in")
      .argument("<email>", "to sign in with")
      .requiredOption("--name <name>", "as others see it")
      .addOption(new Option("--role <role>", "what they may do").choices(roleSchema.options).default("viewer"))
      .option("--json", "one JSON document on stdout"),
  ).action(
    context.action(async (email: string, { name, role, ...options }: Options) => {
      const api = await openApi(context);
      const { password, shown } = await newPassword(options);
      await api.mutate("people.create", { email, name, role, password }, z.unknown());
      const person = await findPerson(api, email);
      context.output.result({ added: person, password: shown }, () =>
        [`Added ${person.name} <${person.email}> as ${person.role}`, ...(shown ? [`Password: ${shown}`] : [])].join("\n"),
      );
      return exitCodes.done;
    }),
  );
}
