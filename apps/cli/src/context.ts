import type { Env } from "./env.ts";
import type { Output } from "./output/output.ts";

/** What every command gets. */
export interface CommandContext {
  output: Output;
  /** Read when a command needs it, so that `--help` works in any environment. */
  env(): Env;
  /** Runs a command's body; what it returns is the exit code. */
  action<A extends unknown[]>(body: (...args: A) => Promise<number>): (...args: A) => Promise<void>;
}
