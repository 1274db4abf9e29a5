import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { AppError } from "@octet/shared/errors";
import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../../context.ts";
import { exitCodes } from "../../output/output.ts";
import { openApi } from "../../server/open-api.ts";

const resultSchema = z.object({
  created: z.number(),
  updated: z.number(),
  errors: z.array(z.object({ line: z.number(), message: z.string() })),
});

/** `octet cameras import FILE`: exit 1 where lines were refused; the others are kept. */
export function addCamerasImport(cameras: Command, context: CommandContext): void {
  cameras
    .command("import")
    .description("Add and change cameras from a CSV table; names tell which")
    .argument("<file>", "a file with a header line, as `octet cameras export` gives; - reads stdin")
    .option("--json", "one JSON document on stdout")
    .action(
      context.action(async (file: string) => {
        const result = await (await openApi(context)).mutate("cameras.importCsv", { csv: await read(file) }, resultSchema);
        context.output.result(result, () =>
          [
            `${result.created} added, ${result.updated} changed, ${result.errors.length} refused`,
            ...result.errors.map(({ line, message }) => `line ${line}: ${message}`),
          ].join("\n"),
        );
        return result.errors.length > 0 ? exitCodes.checkFailed : exitCodes.done;
      }),
    );
}

async function read(file: string): Promise<string> {
  try {
    return await (file === "-" ? text(process.stdin) : readFile(file, "utf8"));
  } catch (cause) {
    throw new AppError("BAD_INPUT", `Cannot read ${file}: ${AppError.from(cause).message}`, { cause });
  }
}
