import { AppError } from "@octet/shared/errors";
import { CommanderError } from "commander";
import type { CommandContext } from "../context.ts";
import type { Env } from "../env.ts";
import { exitCodes, Output } from "../output/output.ts";
import { buildProgram } from "../program.ts";

export interface CommandRun {
  code: number;
  /** The one JSON document; undefined where none was given. */
  document: unknown;
  /** The result as text, and lines. */
  text: string;
  /** What went to stderr. */
  notes: string[];
}

/** For tests: keeps what a command says, as JSON and as text both. */
class KeptOutput extends Output {
  document: unknown;
  text = "";
  readonly notes: string[] = [];

  override result(document: unknown, text: (() => string) | null): void {
    this.document = JSON.parse(JSON.stringify(document));
    if (text) this.text += text();
  }
  override line(text: string): void {
    this.text += text;
  }
  override note(text: string): void {
    this.notes.push(text);
  }
}

/** For tests: a command line run in this process, in milliseconds where `runOctet` takes a second. An error is exit code 2. */
export async function runCommand(args: readonly string[], env: Partial<Env> & Pick<Env, "OCTET_HOME">): Promise<CommandRun> {
  const output = new KeptOutput(false);
  let code = -1;
  const context: CommandContext = {
    output,
    env: () => ({ OCTET_URL: undefined, OCTET_TOKEN: undefined, ...env }),
    action:
      (body) =>
      async (...parameters) => {
        code = await body(...parameters);
      },
  };
  try {
    await buildProgram(context).parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) throw error;
    output.document = { error: AppError.from(error).toInfo() };
    code = exitCodes.failed;
  }
  return { code, document: output.document, text: output.text, notes: output.notes };
}
