import "@octet/inference/no-telemetry";
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** The physical limit of a pipeline: images a second of `session.run` alone, on `threads` threads with one session each. */
export class BareRuns {
  private readonly workers: Worker[];

  private constructor(workers: Worker[]) {
    this.workers = workers;
  }

  static async create(options: { modelPath: string; input: string; shape: number[]; threads: number }): Promise<BareRuns> {
    const workers = Array.from(
      { length: options.threads },
      () => new Worker(new URL("./bare-run-thread.mjs", import.meta.url), { workerData: options }),
    );
    await Promise.all(workers.map((worker) => once(worker, "message")));
    return new BareRuns(workers);
  }

  async measure(seconds: number): Promise<number> {
    const results = await Promise.all(
      this.workers.map(async (worker) => {
        worker.postMessage({ seconds });
        const [{ perSecond }] = (await once(worker, "message")) as [{ perSecond: number }];
        return perSecond;
      }),
    );
    return results.reduce((sum, value) => sum + value, 0);
  }

  async close(): Promise<void> {
    await Promise.all(
      this.workers.map((worker) => {
        const exited = once(worker, "exit");
        worker.postMessage({ seconds: 0 });
        return exited;
      }),
    );
  }
}
