import "./no-telemetry.ts";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const bootstrap = fileURLToPath(new URL("./thread-bootstrap.mjs", import.meta.url));

export interface ProcessAnswer {
  /** Why it failed, by its own word, or how it ended where it said nothing; null where it says that it did not fail. */
  reason: string | null;
  /** How it ended after that, where that was not well: in a driver's clean-up, say. */
  crash: string | null;
}

/**
 * Runs a TypeScript entry of this package in a process of its own, for what may hang or take a process down, and waits for the
 * `{ reason }` that it says over IPC. Never throws.
 * @param name what it is called where it comes to a bad end
 */
export function askProcess(entry: URL, argument: string, { name, timeoutMs }: { name: string; timeoutMs: number }): Promise<ProcessAnswer> {
  return new Promise((resolve) => {
    const stdio = ["ignore", "ignore", "ignore", "ipc"] as const;
    const child = fork(bootstrap, [entry.href, argument], { execArgv: [], stdio: [...stdio], timeout: timeoutMs });
    let reason: string | null | undefined;
    child.on("message", (message: { reason: string | null }) => {
      reason = message.reason;
    });
    child.on("error", (error) => {
      reason ??= error.message;
    });
    child.on("close", (code, signal) => {
      const end = signal ? `the ${name} was ended by ${signal}` : `the ${name} crashed (exit code ${code})`;
      resolve({ reason: reason === undefined ? end : reason, crash: code === 0 ? null : end });
    });
  });
}
