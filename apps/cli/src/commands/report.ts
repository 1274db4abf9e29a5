import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { type PlaceOptions, withPlace } from "../place/open-place.ts";

/** `octet report PROFILE --out acceptance.html`: what a profile is, what was measured, where, and what the gate says. */
export function addReport(program: Command, context: CommandContext): void {
  withPlace(
    program
      .command("report")
      .description("The acceptance report of a profile: latency, drops, leaks, accuracy, and where each was measured")
      .argument("<profile>", "its name or id"),
  )
    .option("--out <file>", "write it as one HTML page that loads nothing; without it the verdict is printed")
    .action(
      context.action(async (profile: string, options: PlaceOptions & { out?: string }) => {
        const { runReport } = await import("../report/run-report.ts");
        return runReport(context, profile, options);
      }),
    );
}
