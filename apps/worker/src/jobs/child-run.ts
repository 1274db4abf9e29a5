import { fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { JobKind, JobOutcome } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import type { FromJobProcess, JobSettings, StartMessage } from "./job-messages.ts";
import type { RunHandle, RunListener } from "./job-runner.ts";

const bootstrap = fileURLToPath(new URL("./job-bootstrap.mjs", import.meta.url));
const KEPT_STDERR = 4000;

/**
 * Runs a job in a process of its own: a model that makes the runtime crash, or that takes all memory, ends that process and
 * nothing else. Its temporary files are below its folder, which is removed after it.
 */
export function startInChild(kind: JobKind, payload: unknown, folder: string, listener: RunListener, settings: JobSettings): RunHandle {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const child = fork(bootstrap, [], { execArgv: [], stdio: ["ignore", "ignore", "pipe", "ipc"] });
  let said: JobOutcome | null = null;
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-KEPT_STDERR);
  });
  child.on("message", (message: FromJobProcess) => {
    if (message.type === "ready") child.send({ kind, payload, folder, settings } satisfies StartMessage);
    else if (message.type === "progress") listener.onProgress(message.progress);
    else if (message.type === "log") listener.onLog(message.line);
    else if (message.type === "done") said = { state: "done", result: message.result };
    else said = { state: "failed", error: message.error };
  });
  const ended = new Promise<JobOutcome>((resolve) => {
    const fail = (message: string, hint: string) =>
      resolve({ state: "failed", error: new AppError("INTERNAL", message, { hint }).toInfo() });
    child.once("error", (error) => {
      if (child.pid === undefined) fail(`The job's process could not be started: ${error.message}`, "Look at the worker's log.");
    });
    child.once("close", (code, signal) => {
      // What it said counts, also where a native library crashes while the process leaves.
      if (said) resolve(said);
      else {
        const last = stderr.trim().split("\n").at(-1)?.slice(0, 300) ?? "";
        fail(
          signal
            ? `The job's process was ended by ${signal}${last ? `: ${last}` : ""}`
            : `The job's process ended with code ${code}${last ? `: ${last}` : ""}`,
          signal === "SIGKILL"
            ? "The host may be out of memory: try fewer images, or a host with more."
            : "The file may be made to crash ONNX Runtime. The cameras are not touched.",
        );
      }
    });
  });
  return {
    ended,
    cancel: () => {
      // Without a pid it was never started, and the signal would go to another process.
      if (child.pid !== undefined) child.kill("SIGKILL");
    },
  };
}
