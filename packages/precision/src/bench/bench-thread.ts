/**
 * Runs in a worker thread: one session as production has it (see `session-options.ts`), timed run by run. The inputs
 * are made once; nothing but `session.run` is between the clock's readings.
 */
import { parentPort, workerData } from "node:worker_threads";
import { InferenceSession } from "@octet/inference/ort";
import { runtimeReason } from "@octet/inference/session-errors";
import { sessionOptions } from "@octet/inference/session-options";
import { inTurn } from "@octet/inference/session-turns";
import { AppError } from "@octet/shared/errors";
import type { BenchThreadData, FromBenchThread, ToBenchThread } from "./messages.ts";
import { randomTensor } from "./random-tensor.ts";

const { modelPath, inputs, provider = "cpu", turns } = workerData as BenchThreadData;
const port = parentPort!;
const post = (message: FromBenchThread) => port.postMessage(message);

const failed = (error: unknown) =>
  post({ type: "failed", error: new AppError("INFERENCE_FAILED", `${modelPath} failed: ${runtimeReason(error)}`).toInfo() });

async function run(session: InferenceSession, feeds: InferenceSession.FeedsType, milliseconds: number, leastRuns: number): Promise<void> {
  const latencies: number[] = [];
  const until = performance.now() + milliseconds;
  do {
    const started = performance.now();
    const outputs = await inTurn(turns, () => session.run(feeds));
    latencies.push(performance.now() - started);
    for (const value of Object.values(outputs)) if ("dispose" in value) value.dispose();
  } while (latencies.length < leastRuns || performance.now() < until);
  post({ type: "done", latencies: Float64Array.from(latencies) });
}

async function main(): Promise<void> {
  try {
    const session = await inTurn(turns, () => InferenceSession.create(modelPath, sessionOptions(provider)));
    const feeds = Object.fromEntries(inputs.map((input, index) => [input.name, randomTensor(input, index + 1)]));
    port.on("message", (message: ToBenchThread) => {
      if (message.type === "run") void run(session, feeds, message.milliseconds, message.leastRuns).catch(failed);
      else void inTurn(turns, () => session.release()).finally(() => port.close());
    });
    post({ type: "ready" });
  } catch (error) {
    failed(error);
  }
}

void main();
