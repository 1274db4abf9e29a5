import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/**
 * Runs a TypeScript program of ours to its end, in a process of its own. One that has to become ready and goes on is a `NodeProcess`.
 * @param env the whole environment
 * @returns what it wrote, and how it ended
 */
export function runProgram(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  timeoutMs = 60_000,
): { status: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string } {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ["--import", tsx, script, ...args], {
    env,
    encoding: "utf8",
    maxBuffer: 64 << 20,
    timeout: timeoutMs,
  });
  return { status, signal, stdout, stderr };
}
