import type { ErrorInfo } from "@octet/shared/errors";
import type { NodePlacement } from "./node-placement.ts";

export type Provider = "cpu" | "webgpu" | "cuda" | "tensorrt" | "coreml" | "dml";

/** How bytes become the model's input tensor: value = (byte − mean) · scale. */
export interface SessionInput {
  name: string;
  width: number;
  height: number;
  mean: number;
  scale: number;
  /** The graph takes the bytes themselves and does the arithmetic: a quarter of the traffic to a GPU. */
  takesBytes?: boolean;
}

export interface TensorInfo {
  name: string;
  type: string;
  shape: (number | string | null)[];
}

/** The same shape as the vision package's `ModelSignature`. */
export interface ModelSignature {
  inputs: TensorInfo[];
  outputs: TensorInfo[];
  /** The exporter's notes in the file, where it was read for them. */
  metadata?: Readonly<Record<string, string>>;
}

export interface OutputTensor {
  dims: readonly number[];
  data: Float32Array;
}

export interface SessionThreadData {
  entry: string;
  modelPath: string;
  provider: Provider;
  /** null: only reads the model's signature. */
  input: SessionInput | null;
  /** CUDA's index of the GPU. Default 0. */
  device?: number;
  /** Batch sizes to run once before the session is ready, in this order. Default none. */
  warmUp?: readonly number[];
  /** Priority of its thread, as of nice(1). Default 0. */
  nice?: number;
  /** Find out which provider runs each node, in the first run of the warm-up. */
  inspect?: boolean;
  /** What it shares with other threads whose sessions are not to be used at once (`session-turns.ts`). */
  turns?: SharedArrayBuffer | undefined;
}

export type ToThread =
  /** `memory`: outputs go to shared memory, this one where it is large enough. */
  { type: "run"; batch: Uint8Array[]; memory?: SharedArrayBuffer } | { type: "close" };

export interface RunOutcome {
  outputs: Record<string, OutputTensor>;
  /** The batch's images, handed back. */
  returned: Uint8Array[];
  /** When its thread took it, by `monotonicMs`. */
  startedAt: number;
  preprocessMs: number;
  inferMs: number;
  /** What handing over the outputs of the run before took its thread: of this run's own that is not known yet. */
  handOverMs: number;
}

export type FromThread =
  | { type: "ready"; signature: ModelSignature; loadMs: number; warmUpMs: number; placement: NodePlacement | null }
  | { type: "unusable"; error: ErrorInfo }
  | ({ type: "result" } & RunOutcome)
  | { type: "failed"; error: ErrorInfo };
