import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A process of the benchmark that does what it is told, one answer an order. */
export class Program {
  readonly child: ChildProcess;
  private readonly waiting = new Map<number, (value: unknown) => void>();
  private next = 0;

  constructor(name: string, args: string[] = [], env: Record<string, string> = {}) {
    this.child = fork(fileURLToPath(new URL(`./${name}-process.ts`, import.meta.url)), args, {
      execArgv: ["--import", "tsx"],
      env: { ...process.env, ...env },
    });
    this.child.on("message", (message: { id?: number; value?: unknown; ready?: string }) => {
      if (message.id === undefined) return;
      this.waiting.get(message.id)?.(message.value);
      this.waiting.delete(message.id);
    });
  }

  /** What it says once it is ready. */
  ready(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.child.on("message", (message: { ready?: string }) => message.ready && resolve(message.ready));
      this.child.once("exit", (code) => reject(new Error(`a process of the benchmark ended with ${code}`)));
    });
  }

  ask<T>(order: { do: string; [key: string]: unknown }): Promise<T> {
    const id = this.next++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, resolve as (value: unknown) => void);
      this.child.send({ ...order, id }, (error) => error && reject(error));
    });
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.disconnect();
    await ended;
  }
}
