import "@octet/inference/no-telemetry";
import { Worker } from "node:worker_threads";
import { turnsFor } from "@octet/inference/session-turns";
import { AppError } from "@octet/shared/errors";
import type { BenchThreadData, FromBenchThread, ToBenchThread } from "./messages.ts";

const bootstrap = new URL("./thread-bootstrap.mjs", import.meta.url);
const entry = new URL("./bench-thread.ts", import.meta.url).href;

/** The main thread's end of one benchmark thread. One run at a time. */
export class BenchWorker implements AsyncDisposable {
  private readonly worker: Worker;
  private readonly exited: Promise<void>;

  private constructor(worker: Worker, exited: Promise<void>) {
    this.worker = worker;
    this.exited = exited;
  }

  /** @throws AppError INFERENCE_FAILED where the model cannot be loaded or its inputs not filled */
  static async start(data: Omit<BenchThreadData, "entry" | "turns">): Promise<BenchWorker> {
    const worker = new Worker(bootstrap, {
      workerData: { ...data, entry, turns: turnsFor(data.provider ?? "cpu") } satisfies BenchThreadData,
      execArgv: [],
      name: "octet-bench",
    });
    const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const bench = new BenchWorker(worker, exited);
    await bench.next();
    return bench;
  }

  /** Runs for so long, but at least so many times; what each run took, ms. @throws AppError INFERENCE_FAILED */
  async run(milliseconds: number, leastRuns: number): Promise<Float64Array> {
    const answer = this.next();
    this.worker.postMessage({ type: "run", milliseconds, leastRuns } satisfies ToBenchThread);
    const message = await answer;
    if (message.type !== "done") throw new AppError("INTERNAL", `A benchmark thread answered "${message.type}"`);
    return message.latencies;
  }

  /** By message: terminating a thread inside ONNX Runtime aborts the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.worker.postMessage({ type: "close" } satisfies ToBenchThread);
    await this.exited;
  }

  private next(): Promise<FromBenchThread> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.worker.off("message", onMessage);
        this.worker.off("error", onError);
        this.worker.off("exit", onExit);
      };
      const onMessage = (message: FromBenchThread) => {
        settle();
        if (message.type === "failed") reject(AppError.fromInfo(message.error));
        else resolve(message);
      };
      const onError = (cause: Error) => {
        settle();
        reject(new AppError("INFERENCE_FAILED", `A benchmark thread died: ${cause.message}`, { cause }));
      };
      const onExit = () => {
        settle();
        reject(new AppError("INFERENCE_FAILED", "A benchmark thread ended"));
      };
      this.worker.on("message", onMessage);
      this.worker.on("error", onError);
      this.worker.on("exit", onExit);
    });
  }
}
