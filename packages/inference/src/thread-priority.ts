import { readlinkSync } from "node:fs";
import os from "node:os";

/**
 * Lowers the priority of the thread that calls, where the system has one for each (Linux): a run takes a core for long, and
 * what must be prompt (reading streams, decoding, handing out work) then need not wait for it to end.
 * @param nice 0–19, as of nice(1); not lower than it is now
 * @returns whether that was done
 */
export function lowerThreadPriority(nice: number): boolean {
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    os.setPriority(thread, nice);
    return os.getPriority(thread) === nice;
  } catch {
    // No Linux, or a host that does not let us: then at the process's own priority.
    return false;
  }
}
