import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { limitsText } from "../../gate/gate-text.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";

/** `octet gate show` */
export function addGateShow(gate: Command, context: CommandContext): void {
  gate
    .command("show")
    .description("What a profile must show, and how many do")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async () => {
        const { gateEffect, readGate } = await import("../../server/gate.ts");
        const api = await openApi(context);
        const [limits, profiles] = await Promise.all([readGate(api), gateEffect(api)]);
        context.output.result({ gate: limits, profiles }, () => limitsText(limits, profiles));
        return exitCodes.done;
      }),
    );
}
