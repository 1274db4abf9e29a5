import type { ErrorInfo } from "@octet/shared/errors";

export type Provider = "cpu" | "webgpu" | "cuda" | "tensorrt" | "coreml" | "dml";

/** How bytes become the model's input tensor: value = (byte − mean) · scale. */
export interface SessionInput {
  name: string;
  width: number;
  height: number;
  mean: number;
  scale: number;
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
}

export type ToThread = { type: "run"; batch: Uint8Array[] } | { type: "close" };

export interface RunOutcome {
  outputs: Record<string, OutputTensor>;
  /** The batch's buffers, handed back. */
  returned: Uint8Array[];
  preprocessMs: number;
  inferMs: number;
}

export type FromThread =
  | { type: "ready"; signature: ModelSignature; loadMs: number }
  | { type: "unusable"; error: ErrorInfo }
  | ({ type: "result" } & RunOutcome)
  | { type: "failed"; error: ErrorInfo };
