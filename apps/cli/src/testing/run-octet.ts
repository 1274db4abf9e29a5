import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/octet.mjs", import.meta.url));

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
  /** stdout as the one JSON document that it must be. */
  json(): Record<string, unknown>;
}

export interface RunOptions {
  cwd: string;
  env?: Record<string, string>;
  stdin?: string;
  /** Sends SIGINT as soon as stdout holds this. */
  interruptAfter?: RegExp;
  /** The same of stderr. */
  interruptAfterError?: RegExp;
}

/** For tests: the CLI as a process of its own, in `cwd`, knowing no server but those in `env`. */
export function runOctet(args: readonly string[], { cwd, env = {}, stdin, interruptAfter, interruptAfterError }: RunOptions): Promise<Ran> {
  // biome-ignore lint/style/noProcessEnv: the child gets this process's environment, less the server that a developer may have set
  const { OCTET_URL: _url, OCTET_TOKEN: _token, ...inherited } = process.env;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...inherited, OCTET_HOME: cwd, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const waiting = interruptAfter?.test(stdout) === false;
      stdout += chunk.toString();
      if (waiting && interruptAfter?.test(stdout)) child.kill("SIGINT");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      const waiting = interruptAfterError?.test(stderr) === false;
      stderr += chunk.toString();
      if (waiting && interruptAfterError?.test(stderr)) child.kill("SIGINT");
    });
    child.stdin.end(stdin ?? "");
    child.once("close", (code) => resolve({ code, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> }));
  });
}
