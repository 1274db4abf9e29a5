/** Dense tensors at the border to a runtime: row-major; float16 and bfloat16 do not cross it. */
export interface RuntimeTensor {
  dims: readonly number[];
  data: Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array | Float64Array;
}

export interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Runs the model; only `outputs` are fetched where it is given. @throws AppError INFERENCE_FAILED */
  run(feeds: Readonly<Record<string, RuntimeTensor>>, outputs?: readonly string[]): Promise<Record<string, RuntimeTensor>>;
  close(): Promise<void>;
}

export interface SessionChoices {
  /** Which of the runtime's own graph optimisations are used; calibration wants "none". Default "all". */
  optimise?: "none" | "basic" | "all";
  /** Default: the runtime's choice for this host. */
  threads?: number;
  /**
   * Runs Q and DQ as they are written, with float arithmetic between them, instead of integer kernels: what integer
   * arithmetic is exact in, whatever this host's kernels do (on x64 without VNNI, sums of 8-bit products saturate).
   */
  simulate?: boolean;
}

/**
 * Runs ONNX models for calibration, refinement and measurement. Handed in by the worker or the CLI, so that this package
 * holds no native code.
 */
export interface Runtime {
  /** `model` is the bytes of an ONNX file. @throws AppError MODEL_INVALID */
  load(model: Uint8Array, choices?: SessionChoices): Promise<RuntimeSession>;
}
