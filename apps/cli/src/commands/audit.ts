import { type AuditKind, auditKindSchema } from "@octet/shared/domain/audit-action";
import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../context.ts";
import { numberBetween } from "../options.ts";
import { exitCodes } from "../output/output.ts";
import { table } from "../output/table.ts";
import { instant } from "../output/units.ts";
import { openApi } from "../server/open-api.ts";

const entrySchema = z.object({
  id: z.number(),
  at: z.coerce.date(),
  who: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.unknown(),
  text: z.string(),
  facts: z.array(z.string()),
  reason: z.string().nullable(),
  findings: z.array(z.string()),
});
const pageSchema = z.object({ items: z.array(entrySchema), nextCursor: z.string().nullable() });

interface Options {
  kind?: AuditKind;
  search?: string;
  limit: number;
  cursor?: string;
}

/** `octet audit`: newest first. */
export function addAudit(program: Command, context: CommandContext, help: string): void {
  program
    .command("audit")
    .description("Who changed what, when and why; newest first (admins)")
    .addOption(new Option("--kind <kind>", "only what is about this").choices(auditKindSchema.options))
    .option("--search <words>", "only entries that hold these words")
    .option("--limit <number>", "at most so many", numberBetween(1, 200, { whole: true }), 50)
    .option("--cursor <cursor>", "go on where a list ended: its nextCursor")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", help)
    .action(
      context.action(async ({ kind, search, limit, cursor }: Options) => {
        const api = await openApi(context);
        const filter = { ...(kind ? { kind } : {}), ...(search ? { search } : {}), limit, cursor: cursor ?? null };
        const page = await api.query("audit.list", filter, pageSchema);
        context.output.result({ entries: page.items, nextCursor: page.nextCursor }, () =>
          table(
            page.items,
            [
              { title: "AT", of: ({ at }) => instant(at) },
              { title: "WHO", of: ({ who }) => who },
              { title: "WHAT", of: ({ text, facts }) => [text, ...facts].join(", ") },
              { title: "WHY", of: ({ reason }) => reason ?? "" },
              { title: "THE GATE HAD FOUND", of: ({ findings }) => findings.join("; ") },
            ],
            kind || search ? "No such entries." : "Nothing was done yet.",
          ),
        );
        if (page.nextCursor) context.output.note(`More: --cursor ${page.nextCursor}`);
        return exitCodes.done;
      }),
    );
}
