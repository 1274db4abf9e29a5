import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { main } from "../main.ts";

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

/** For tests: the same in this process, in a fraction of the time; for what does not read stdin and ends by itself. */
export async function runOctetHere(args: readonly string[], { cwd, env = {} }: Pick<RunOptions, "cwd" | "env">): Promise<Ran> {
  const kept = {
    cwd: process.cwd(),
    env: variables(),
    exitCode: process.exitCode,
    stdout: process.stdout.write,
    stderr: process.stderr.write,
  };
  const said = { stdout: "", stderr: "" };
  const listeners = process.stdout.listeners("error");
  const keep = (stream: "stdout" | "stderr") => (chunk: string | Uint8Array) => {
    said[stream] += chunk.toString();
    return true;
  };
  const { OCTET_URL: _url, OCTET_TOKEN: _token, ...inherited } = kept.env;
  try {
    process.chdir(cwd);
    setVariables({ ...inherited, OCTET_HOME: cwd, ...env });
    process.exitCode = 0;
    process.stdout.write = keep("stdout") as typeof process.stdout.write;
    process.stderr.write = keep("stderr") as typeof process.stderr.write;
    await main(args);
    return { code: Number(process.exitCode), ...said, json: () => JSON.parse(said.stdout) as Record<string, unknown> };
  } finally {
    process.stdout.write = kept.stdout;
    process.stderr.write = kept.stderr;
    for (const listener of process.stdout.listeners("error"))
      if (!listeners.includes(listener)) process.stdout.removeListener("error", listener as () => void);
    process.exitCode = kept.exitCode;
    setVariables(kept.env);
    process.chdir(kept.cwd);
  }
}

// biome-ignore lint/style/noProcessEnv: the command reads the environment itself
const variables = (): Record<string, string | undefined> => ({ ...process.env });

function setVariables(values: Readonly<Record<string, string | undefined>>): void {
  const { env } = process;
  for (const name of Object.keys(env)) if (values[name] === undefined) delete env[name];
  for (const [name, value] of Object.entries(values)) if (value !== undefined) env[name] = value;
}
