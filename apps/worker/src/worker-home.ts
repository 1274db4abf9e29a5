import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "@octet/shared/errors";

/**
 * One worker a folder: two would overwrite each other's spool, and join under one id.
 * @returns gives the folder back
 * @throws AppError CONFLICT where a process that runs has it
 */
export function claimWorkerHome(home: string): () => void {
  const file = path.join(home, "worker.pid");
  const pid = pidIn(file);
  if (pid !== null && pid !== process.pid && isWorker(pid))
    throw new AppError("CONFLICT", `A worker already runs with this folder (${home}), process ${pid}`, {
      hint: `Stop it first, or set OCTET_HOME to another folder. If that process is none of Octet's, remove ${file}.`,
    });
  writeFileSync(file, `${process.pid}\n`);
  return () => {
    if (pidIn(file) === process.pid) rmSync(file, { force: true });
  };
}

/** null where there is no file, or none that can be read as one. */
function pidIn(file: string): number | null {
  try {
    return Number(readFileSync(file, "utf8")) || null;
  } catch {
    return null;
  }
}

/** A killed worker leaves its file, and its pid may have been given to another program since. */
function isWorker(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Someone else's that may not be signalled is there too.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("apps/worker/src/main");
  } catch {
    return process.platform !== "linux";
  }
}
