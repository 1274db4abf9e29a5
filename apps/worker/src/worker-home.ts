import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "@octet/shared/errors";
import { isRunning } from "@octet/shared/running-process";

/**
 * One worker a folder: two would overwrite each other's spool, and join under one id.
 * @returns gives the folder back
 * @throws AppError CONFLICT where a process that runs has it
 */
export function claimWorkerHome(home: string): () => void {
  const file = path.join(home, "worker.pid");
  const pid = pidIn(file);
  if (pid !== null && pid !== process.pid && isRunning(pid, "apps/worker/src/main"))
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
