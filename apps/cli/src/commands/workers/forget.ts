import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";
import { findWorker } from "../../server/workers.ts";

/** `octet workers forget WORKER`: not one that is connected. */
export function addWorkersForget(workers: Command, context: CommandContext): void {
  workers
    .command("forget")
    .description("Take a worker off the list that will not come back")
    .argument("<worker>", "name or id")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (idOrName: string) => {
        const api = await openApi(context);
        const { id, name } = await findWorker(api, idOrName);
        await api.mutate("workers.remove", { id }, z.unknown());
        context.output.result({ forgotten: { id, name } }, () => `Forgot ${name}`);
        return exitCodes.done;
      }),
    );
}
