import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";
import { findWorker } from "../../server/workers.ts";

const answerSchema = z.object({ id: z.string(), draining: z.boolean() });

/** `octet workers drain WORKER` and `octet workers undrain WORKER` */
export function addWorkersDrain(workers: Command, context: CommandContext, draining: boolean): void {
  workers
    .command(draining ? "drain" : "undrain")
    .description(draining ? "Have its cameras run elsewhere, without a gap, and give it none" : "Let it take cameras again")
    .argument("<worker>", "name or id")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (idOrName: string) => {
        const api = await openApi(context);
        const { id, name } = await findWorker(api, idOrName);
        const answer = await api.mutate("workers.drain", { id, draining }, answerSchema);
        context.output.result({ worker: { ...answer, name } }, () =>
          draining ? `${name} gives its cameras away` : `${name} takes cameras again`,
        );
        return exitCodes.done;
      }),
    );
}
