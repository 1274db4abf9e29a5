import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** A TypeScript program of ours as a process of its own, which tells over its channel when it is ready. */
export class NodeProcess {
  private readonly child: ChildProcess;
  private readonly exited: Promise<number | null>;
  private output = "";
  private readyNow = false;

  constructor(script: string, env: Record<string, string>) {
    this.child = spawn(process.execPath, ["--import", tsx, script], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-20_000);
      });
    }
    this.child.on("message", (message: { type?: string }) => {
      if (message.type === "ready") this.readyNow = true;
    });
    this.exited = new Promise((resolve) => this.child.once("exit", (code) => resolve(code)));
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get log(): string {
    return this.output;
  }

  async ready(timeoutMs = 60_000): Promise<this> {
    if (this.readyNow) return this;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not ready within ${timeoutMs} ms:\n${this.output}`)), timeoutMs);
      this.child.on("message", (message: { type?: string }) => {
        if (message.type !== "ready") return;
        clearTimeout(late);
        resolve();
      });
      void this.exited.then((code) => {
        clearTimeout(late);
        reject(new Error(`ended with ${code} before it was ready:\n${this.output}`));
      });
    });
    return this;
  }

  /** Sends a signal and resolves with the exit code. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }
}
