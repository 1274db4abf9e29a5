import { probeHost } from "@octet/inference/device-probe";
import { probeDecoders } from "@octet/media/hardware";
import type { HostReport } from "@octet/shared/domain/worker";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { checkTable } from "./check.ts";
import { hostChecks } from "./host-checks.ts";
import { checkModel } from "./model-check.ts";
import { checkServer } from "./server-check.ts";

/** `octet doctor`. */
export async function runDoctor({ output, env }: CommandContext): Promise<number> {
  // One after the other: each wants the cores for itself, and the model's time should be true.
  const host: HostReport = { ...(await probeHost()), decoders: await probeDecoders() };
  const { check, model } = await checkModel();
  const checks = [...hostChecks(host), check, await checkServer(env)];
  const failed = checks.filter(({ status }) => status === "fail");
  output.result({ ok: failed.length === 0, checks, host, model }, () => {
    const verdict = failed.length === 0 ? "This host can run Octet." : `${failed.length} of ${checks.length} checks failed.`;
    return `${checkTable(checks)}\n\n${verdict}`;
  });
  return failed.length === 0 ? exitCodes.done : exitCodes.checkFailed;
}
