import type { Command } from "commander";
import type { CommandContext } from "../context.ts";

/** `octet doctor`: exit 1 where something that Octet needs does not work. */
export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("What this host can do, found by trying it")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async () => {
        const { runDoctor } = await import("../doctor/run-doctor.ts");
        return runDoctor(context);
      }),
    );
}
