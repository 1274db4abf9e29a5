import { prepareEngine } from "@octet/inference/engine-builder";
import { engineRoot } from "@octet/inference/env";
import type { Provider } from "@octet/inference/session-messages";
import { readModelFile } from "@octet/onnx/io/model-file";
import { modelPrecision } from "@octet/onnx/stats/model-precision";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { BenchWorker } from "./bench-worker.ts";
import { type BenchModel, benchInputs } from "./model-inputs.ts";
import { type Measured, type Round, summarise } from "./statistics.ts";

export interface BenchOptions {
  batch: number;
  /** Sessions of one intra-op thread each, all busy at once. */
  threads: number;
  /** Per model and round. */
  seconds: number;
  rounds: number;
  /** Default "cpu". */
  provider?: Provider;
  /** Batches that TensorRT's engine is to serve. Default: this one. */
  engineBatches?: readonly number[];
  /** Called after each model of each round. */
  onProgress?(): void;
}

export interface Cell {
  model: BenchModel;
  /** null where the model cannot run this batch. */
  measured: Measured | null;
  /** Why not. */
  skipped: string | null;
}

/** At least so many runs of each thread in a round, also where one takes longer than the round. */
const LEAST_RUNS = 2;
const WARM_UP_RUNS = 3;

/**
 * Measures models against each other with one batch and number of threads: all are loaded, then each round runs each
 * for a while, beginning with another one every time, so that a host that slows down slows all alike.
 * @throws AppError INFERENCE_FAILED where a model cannot be loaded or fails, PROVIDER_UNAVAILABLE or MODEL_UNSUPPORTED where TensorRT builds
 * no engine of it
 */
export async function measureModels(models: readonly BenchModel[], options: BenchOptions): Promise<Cell[]> {
  const { batch, threads, seconds, rounds, provider = "cpu", onProgress } = options;
  const plans = models.map((model) => ({ model, inputs: benchInputs(model, batch) }));
  const able = plans.flatMap(({ model, inputs }) => (typeof inputs === "string" ? [] : [{ model, inputs }]));
  const workers: BenchWorker[][] = [];
  try {
    for (const { model, inputs } of able) {
      const modelPath = provider === "tensorrt" ? await engineOf(model, options.engineBatches ?? [batch]) : model.path;
      const starts = await Promise.allSettled(Array.from({ length: threads }, () => BenchWorker.start({ modelPath, inputs, provider })));
      workers.push(starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : [])));
      const failure = starts.find((start) => start.status === "rejected");
      if (failure) throw failure.reason;
    }
    for (const pool of workers) await Promise.all(pool.map((worker) => worker.run(0, WARM_UP_RUNS)));
    const results: Round[][] = [];
    for (let round = 0; round < rounds; round++) {
      const row = new Array<Round>(able.length);
      for (let i = 0; i < able.length; i++) {
        const index = (i + round) % able.length;
        row[index] = await runRound(workers[index]!, seconds * 1000);
        onProgress?.();
      }
      results.push(row);
    }
    const measured = summarise(results, batch);
    return plans.map(({ model, inputs }) =>
      typeof inputs === "string"
        ? { model, measured: null, skipped: inputs }
        : { model, measured: measured[able.findIndex((entry) => entry.model === model)] ?? null, skipped: null },
    );
  } finally {
    await Promise.all(workers.flat().map((worker) => worker[Symbol.asyncDispose]()));
  }
}

/** TensorRT's engine of a model, as a worker would have it: the file that its sessions load. */
async function engineOf({ path, signature }: BenchModel, batches: readonly number[]): Promise<string> {
  const precision = modelPrecision(await readModelFile(path));
  const { input } = recogniseDetector(signature);
  return (await prepareEngine({ modelPath: path, precision, input, batches, device: 0, root: engineRoot() })).file;
}

async function runRound(pool: readonly BenchWorker[], milliseconds: number): Promise<Round> {
  const started = performance.now();
  const parts = await Promise.all(pool.map((worker) => worker.run(milliseconds, LEAST_RUNS)));
  return { latencies: Float64Array.from(parts.flatMap((part) => [...part])), wallMs: performance.now() - started };
}
