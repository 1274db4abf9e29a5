import { AppError } from "@octet/shared/errors";
import { CommanderError } from "commander";
import type { CommandContext } from "./context.ts";
import { readEnv } from "./env.ts";
import { exitCodes, Output } from "./output/output.ts";
import { buildProgram } from "./program.ts";

/** Runs one command line (without `node octet`). Sets the exit code; never calls `process.exit`, for threads may still run. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that went away (`octet … | head`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  const output = new Output(args.includes("--json"));
  const context: CommandContext = {
    output,
    env: readEnv,
    action:
      (body) =>
      async (...parameters) => {
        process.exitCode = await body(...parameters);
      },
  };
  try {
    await buildProgram(context).parseAsync(args, { from: "user" });
  } catch (error) {
    const failure = error instanceof CommanderError ? usageError(error) : AppError.from(error);
    if (failure === null) return;
    output.error(failure);
    process.exitCode = exitCodes.failed;
  }
}

/** null where help or the version was asked for. */
function usageError(error: CommanderError): AppError | null {
  if (error.exitCode === 0) return null;
  const hint = "Add --help to see how the command is used.";
  if (error.code === "commander.help") return new AppError("BAD_INPUT", "A command is missing", { hint });
  return new AppError("BAD_INPUT", error.message.replace(/^error: /, ""), { hint });
}
