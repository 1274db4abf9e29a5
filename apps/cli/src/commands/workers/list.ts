import type { Worker } from "@octet/shared/domain/worker";
import type { Command } from "commander";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { table } from "../../output/table.ts";
import { openApi } from "../../server/open-api.ts";
import { listWorkers } from "../../server/workers.ts";

const stateOf = ({ online, draining }: Worker): string => `${online ? "online" : "away"}${draining ? ", draining" : ""}`;

/** `octet workers list` */
export function addWorkersList(workers: Command, context: CommandContext): void {
  workers
    .command("list")
    .description("All workers, what they do and what they could")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async () => {
        const list = await listWorkers(await openApi(context));
        context.output.result({ workers: list }, () =>
          table(
            list,
            [
              { title: "NAME", of: ({ name }) => name },
              { title: "STATE", of: stateOf },
              { title: "CAMERAS", of: ({ load }) => String(load?.cameras ?? ""), align: "right" },
              { title: "ASKED FOR", of: ({ committed }) => (committed === null ? "" : `${Math.round(committed * 100)} %`), align: "right" },
              { title: "DETECT/S", of: ({ load }) => load?.inferredPerSecond.toFixed(1) ?? "", align: "right" },
              { title: "AT MOST", of: ({ load }) => load?.capacity.detectionsPerSecond?.toFixed(0) ?? "", align: "right" },
              { title: "LABELS", of: ({ labels }) => labels.join(" ") },
              { title: "ID", of: ({ id }) => id },
            ],
            "No worker has joined yet. See docs/workers.md",
          ),
        );
        return exitCodes.done;
      }),
    );
}
