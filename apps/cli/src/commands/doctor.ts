import { probeHost } from "@octet/inference/device-probe";
import { probeDecoders } from "@octet/media/hardware";
import type { HostReport } from "@octet/shared/domain/worker";
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { checkTable } from "../doctor/check.ts";
import { hostChecks } from "../doctor/host-checks.ts";
import { checkModel } from "../doctor/model-check.ts";
import { checkServer } from "../doctor/server-check.ts";
import { exitCodes } from "../output/output.ts";

/** `octet doctor`: exit 1 where something that Octet needs does not work. */
export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("What this host can do, found by trying it")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async () => {
        const { output } = context;
        // One after the other: each wants the cores for itself, and the model's time should be true.
        const host: HostReport = { ...(await probeHost()), decoders: await probeDecoders() };
        const { check, model } = await checkModel();
        const checks = [...hostChecks(host), check, await checkServer(context.env)];
        const failed = checks.filter(({ status }) => status === "fail");
        output.result({ ok: failed.length === 0, checks, host, model }, () => {
          const verdict = failed.length === 0 ? "This host can run Octet." : `${failed.length} of ${checks.length} checks failed.`;
          return `${checkTable(checks)}\n\n${verdict}`;
        });
        return failed.length === 0 ? exitCodes.done : exitCodes.checkFailed;
      }),
    );
}
