import type { Provider } from "@octet/inference/session-messages";
import type { ErrorInfo } from "@octet/shared/errors";

export interface InputTensor {
  name: string;
  type: string;
  dims: number[];
  /** Floats are drawn evenly from [low, high). */
  low: number;
  high: number;
}

export interface BenchThreadData {
  entry: string;
  modelPath: string;
  /** Default "cpu". */
  provider?: Provider;
  inputs: InputTensor[];
  turns?: SharedArrayBuffer | undefined;
}

export type ToBenchThread = { type: "run"; milliseconds: number; leastRuns: number } | { type: "close" };

export type FromBenchThread =
  | { type: "ready" }
  /** What each run took, ms. */
  | { type: "done"; latencies: Float64Array }
  | { type: "failed"; error: ErrorInfo };
