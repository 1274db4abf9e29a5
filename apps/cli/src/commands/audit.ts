import { auditText } from "@octet/shared/domain/audit-entry";
import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../context.ts";
import { numberBetween } from "../options.ts";
import { exitCodes } from "../output/output.ts";
import { table } from "../output/table.ts";
import { instant } from "../output/units.ts";
import { listCameras } from "../server/cameras.ts";
import { openApi } from "../server/open-api.ts";

/** As many as a server tells. */
const NEWEST = 200;

const entriesSchema = z.array(
  z.object({ id: z.number(), at: z.coerce.date(), who: z.string(), action: z.string(), subject: z.string(), detail: z.unknown() }),
);

/** `octet audit`: newest first. */
export function addAudit(program: Command, context: CommandContext, help: string): void {
  program
    .command("audit")
    .description("Who did what with profiles and the gate, when and why; newest first (admins)")
    .option("--limit <number>", "at most so many", numberBetween(1, NEWEST, { whole: true }), 50)
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", help)
    .action(
      context.action(async ({ limit }: { limit: number }) => {
        const { listProfiles } = await import("../server/profiles.ts");
        const api = await openApi(context);
        const all = await api.query("profiles.audit", undefined, entriesSchema);
        const entries = all.slice(0, limit);
        const [profiles, cameras] = await Promise.all([listProfiles(api), listCameras(api)]);
        const names = {
          profile: (id: string) => profiles.find((profile) => profile.id === id)?.name,
          camera: (id: string) => cameras.find((camera) => camera.id === id)?.name,
        };
        context.output.result({ entries }, () =>
          table(
            entries.map((entry) => ({ ...entry, ...auditText(entry, names) })),
            [
              { title: "AT", of: ({ at }) => instant(at) },
              { title: "WHO", of: ({ who }) => who },
              { title: "WHAT", of: ({ text, facts }) => [text, ...facts].join(", ") },
              { title: "WHY", of: ({ reason }) => reason ?? "" },
              { title: "THE GATE HAD FOUND", of: ({ findings }) => findings.join("; ") },
            ],
            "Nothing was done yet.",
          ),
        );
        return exitCodes.done;
      }),
    );
}
