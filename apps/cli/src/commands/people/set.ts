import { type Role, roleSchema } from "@octet/shared/domain/access";
import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";
import { findPerson } from "../../server/people.ts";

/** `octet people set PERSON --role ROLE` */
export function addPeopleSet(people: Command, context: CommandContext): void {
  people
    .command("set")
    .description("Change what somebody may do")
    .argument("<person>", "e-mail address, name or id")
    .addOption(new Option("--role <role>", "what they may do").choices(roleSchema.options).makeOptionMandatory())
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (who: string, { role }: { role: Role }) => {
        const api = await openApi(context);
        const person = await findPerson(api, who);
        await api.mutate("people.setRole", { id: person.id, role }, z.unknown());
        context.output.result({ person: { ...person, role } }, () => `${person.name} is ${role} now`);
        return exitCodes.done;
      }),
    );
}
