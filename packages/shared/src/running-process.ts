import { readFileSync } from "node:fs";

/**
 * Whether a process of that number runs. For programs on Node.
 * @param command what its command line must hold, where that can be read (Linux): a pid that a file remembers may have been
 * given to another program since
 */
export function isRunning(pid: number, command = ""): boolean {
  // 0 and negative ones would mean groups of processes.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Someone else's that may not be signalled is there too.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (command === "" || process.platform !== "linux") return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(command);
  } catch {
    return false;
  }
}
