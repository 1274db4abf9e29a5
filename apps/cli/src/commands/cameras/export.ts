import { writeFile } from "node:fs/promises";
import { AppError } from "@octet/shared/errors";
import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";

/** `octet cameras export`: passwords are masked, and an import keeps the stored ones. */
export function addCamerasExport(cameras: Command, context: CommandContext): void {
  cameras
    .command("export")
    .description("All cameras as a CSV table; passwords are masked")
    .option("--json", "one JSON document on stdout")
    .option("--out <file>", "write it to a file instead of stdout")
    .action(
      context.action(async ({ out }: { out?: string }) => {
        const { csv } = await (await openApi(context)).query("cameras.exportCsv", undefined, z.object({ csv: z.string() }));
        if (out)
          await writeFile(out, csv).catch((cause: unknown) => {
            throw new AppError("BAD_INPUT", `Cannot write ${out}: ${AppError.from(cause).message}`, { cause });
          });
        context.output.result(out ? { written: out } : { csv }, () => (out ? `wrote ${out}` : csv.trimEnd()));
        return exitCodes.done;
      }),
    );
}
