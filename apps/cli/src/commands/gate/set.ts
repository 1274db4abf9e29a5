import { type Gate, gateSchema } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { gateFields, gateKeys } from "../../gate/gate-fields.ts";
import { limitsText } from "../../gate/gate-text.ts";
import { numberBetween, orEmpty } from "../../options.ts";
import { exitCodes } from "../../output/output.ts";
import { parseInput } from "../../parse-input.ts";
import { openApi } from "../../server/open-api.ts";

/** `octet gate set`: what is not given stays as it is. */
export function addGateSet(gate: Command, context: CommandContext): void {
  const options = gateKeys.map((key) => ({ key, option: optionOf(key) }));
  const command = gate
    .command("set")
    .description('Change the site\'s gate (admins); what is not given stays, and "" is the default')
    .option("--json", "one JSON document on stdout");
  for (const { option } of options) command.addOption(option);
  command.action(
    context.action(async (given: Record<string, number | "" | undefined>) => {
      const changes = options.flatMap(({ key, option }) => {
        const value = given[option.attributeName()];
        return value === undefined ? [] : [[key, value === "" ? undefined : value] as const];
      });
      if (changes.length === 0) throw new AppError("BAD_INPUT", "Nothing was given to change", { hint: "See `octet gate set --help`." });
      // What is out of range is told without a server.
      parseInput(gateSchema, Object.fromEntries(changes));
      const { gateEffect, readGate, serverGateSchema } = await import("../../server/gate.ts");
      const api = await openApi(context);
      const before = await readGate(api);
      const limits = parseInput(serverGateSchema, { ...before, ...Object.fromEntries(changes) });
      await api.mutate("profiles.setGate", limits, z.unknown());
      const profiles = await gateEffect(api);
      context.output.result({ gate: limits, before, profiles }, () => limitsText(limits, profiles));
      return exitCodes.done;
    }),
  );
}

function optionOf(key: keyof Gate): Option {
  const { flag, of, limit } = gateFields[key];
  return new Option(`${flag} <number>`, `${of}: ${limit[0]} so many ${limit[1]}`).argParser(orEmpty(numberBetween(0, Infinity)));
}
