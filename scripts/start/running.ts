import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isRunning } from "@octet/shared/running-process";
import { StartError } from "./settings.ts";

/** One Octet a home: two would fight over the same database folder. */
export function claimHome(home: string, port: number): () => void {
  const file = path.join(home, "running.json");
  try {
    const { pid, port: other } = JSON.parse(readFileSync(file, "utf8")) as { pid: number; port: number };
    if (pid !== process.pid && isRunning(pid, "start.mjs"))
      throw new StartError(
        `Octet already runs with this home (${home}) at http://localhost:${other}, process ${pid}. Stop it first, or set OCTET_HOME to another folder.`,
      );
  } catch (error) {
    if (error instanceof StartError) throw error;
    // No file, or one that a killed process left: ours now.
  }
  writeFileSync(file, JSON.stringify({ pid: process.pid, port }));
  return () => rmSync(file, { force: true });
}
