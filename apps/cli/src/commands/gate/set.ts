import { type GateLimit, gateLimits } from "@octet/shared/domain/gate-limits";
import { type Gate, gateSchema } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { limitsText } from "../../gate/gate-text.ts";
import { numberBetween, orEmpty } from "../../options.ts";
import { exitCodes } from "../../output/output.ts";
import { parseInput } from "../../parse-input.ts";
import { openApi } from "../../server/open-api.ts";

const flags: Record<keyof Gate, string> = {
  minKeptPercent: "--min-kept",
  maxDropPoints: "--max-drop",
  maxLatencyRatio: "--max-latency",
  minStreams: "--min-streams",
  minSoakSeconds: "--min-soak",
  maxGrowthMiBPerHour: "--max-growth",
};

/** `octet gate set`: what is not given stays as it is. */
export function addGateSet(gate: Command, context: CommandContext): void {
  const options = gateLimits.map((limit) => ({ key: limit.key, option: optionOf(limit) }));
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

const optionOf = ({ key, label, unit }: GateLimit): Option =>
  new Option(`${flags[key]} <number>`, `${label}, ${unit}`).argParser(orEmpty(numberBetween(0, Infinity)));
