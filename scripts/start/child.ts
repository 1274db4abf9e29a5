import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import { root } from "../lib/root.mjs";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const LOG_BYTES = 20 << 20;
const BACKOFF_MS = [500, 1000, 2000, 5000, 10_000];

export interface ChildOptions {
  name: string;
  script: string;
  env: Record<string, string>;
  home: string;
  say(text: string): void;
}

/** One process of ours: started, watched, started again when it dies, ended on request. */
export class Child {
  private readonly options: ChildOptions;
  private process: ChildProcess | null = null;
  private ending = false;
  private failures = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(options: ChildOptions) {
    this.options = options;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Resolves when it says that it is ready; rejects with the end of its log where it cannot start. */
  start(): Promise<void> {
    const { name, script, env, home } = this.options;
    const log = path.join(home, "logs", `${name}.log`);
    mkdirSync(path.dirname(log), { recursive: true });
    try {
      if (statSync(log).size > LOG_BYTES) truncateSync(log);
    } catch {
      // no log yet
    }
    const output = openSync(log, "a");
    const child = spawn(process.execPath, ["--import", tsx, path.join(root, script)], {
      cwd: root,
      env: { ...process.env, ...env },
      // Its own group: Ctrl-C at the terminal reaches us alone, and we end our children in order. Should we be
      // killed, the closed channel tells them.
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    this.process = child;
    return new Promise((resolve, reject) => {
      let ready = false;
      child.on("message", (message: { type?: string }) => {
        if (message.type !== "ready") return;
        ready = true;
        this.failures = 0;
        resolve();
      });
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        this.process = null;
        if (this.ending) return resolve();
        if (!ready)
          reject(
            new Error(
              `${name} ended (${signal ?? code}) before it was ready. The end of ${log}:\n${readFileSync(log, "utf8").split("\n").slice(-15).join("\n")}`,
            ),
          );
        else this.startAgain(signal ?? String(code));
      });
    });
  }

  /** SIGTERM, then SIGKILL if it takes longer than `ms`. */
  async stop(ms = 35_000): Promise<void> {
    this.ending = true;
    if (this.timer) clearTimeout(this.timer);
    const child = this.process;
    // Without a pid it was never started, and a signal would go to another process.
    if (child?.pid === undefined) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), ms);
    await ended;
    clearTimeout(late);
  }

  private startAgain(reason: string): void {
    const wait = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)] ?? 1000;
    this.options.say(
      `${this.options.name} ended (${reason}); starting it again in ${wait} ms (log: ${path.join(this.options.home, "logs", `${this.options.name}.log`)})`,
    );
    this.timer = setTimeout(() => {
      this.start().catch((error: Error) => {
        if (this.ending) return;
        this.startAgain(error.message.split("\n")[0] ?? "unknown");
      });
    }, wait);
  }
}
