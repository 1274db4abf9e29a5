import { AppError } from "@octet/shared/errors";
import { InferenceSession, Tensor } from "./ort.ts";
import { runtimeReason, sessionCreateError } from "./session-errors.ts";

export type TensorData = Float32Array | Uint8Array | Int8Array | Int32Array | BigInt64Array | Float64Array;

export interface DenseTensor {
  dims: readonly number[];
  data: TensorData;
}

export interface LoadChoices {
  /** Which graph optimisations are used. Default "all". */
  optimise?: "none" | "basic" | "all";
  /** Default: the runtime's choice for this host. */
  threads?: number;
  /** Where the optimised graph is written, for those who want to look at it. */
  optimisedModelPath?: string;
  /** Prefix of the file that times of each node are written to when the session is closed. */
  profilePrefix?: string;
  /** Runs Q and DQ as they are written, with float arithmetic between them, instead of integer kernels. */
  simulate?: boolean;
  /** `session.*` entries of ONNX Runtime's configuration. */
  config?: Readonly<Record<string, string>>;
}

const types: ReadonlyMap<unknown, Tensor.Type> = new Map<unknown, Tensor.Type>([
  [Float32Array, "float32"],
  [Uint8Array, "uint8"],
  [Int8Array, "int8"],
  [Int32Array, "int32"],
  [BigInt64Array, "int64"],
  [Float64Array, "float64"],
]);
const levels = { none: "disabled", basic: "basic", all: "all" } as const;

/**
 * Runs models of any inputs and outputs on the CPU, in the thread that calls: for calibration and measurement, where
 * nothing else has to go on meanwhile. The live path uses `SessionPool`.
 */
export class OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  private readonly session: InferenceSession;
  private readonly profiled: boolean;

  private constructor(session: InferenceSession, profiled: boolean) {
    this.session = session;
    this.profiled = profiled;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
  }

  /** `model` is the bytes of an ONNX file. @throws AppError MODEL_INVALID */
  static async load(model: Uint8Array, choices: LoadChoices = {}): Promise<OnnxSession> {
    const options: InferenceSession.SessionOptions = {
      executionProviders: ["cpu"],
      graphOptimizationLevel: levels[choices.optimise ?? "all"],
      ...(choices.threads ? { intraOpNumThreads: choices.threads, interOpNumThreads: 1 } : {}),
      ...(choices.optimisedModelPath ? { optimizedModelFilePath: choices.optimisedModelPath } : {}),
      ...(choices.profilePrefix ? { enableProfiling: true, profileFilePrefix: choices.profilePrefix } : {}),
      logSeverityLevel: 4,
      extra: { session: { intra_op: { allow_spinning: "0" }, ...(choices.simulate ? { disable_quant_qdq: "1" } : {}), ...choices.config } },
    };
    try {
      return new OnnxSession(await InferenceSession.create(model, options), choices.profilePrefix !== undefined);
    } catch (error) {
      throw sessionCreateError(error, "cpu", "the model");
    }
  }

  /** Runs the model; only `outputs` are fetched where it is given. @throws AppError INFERENCE_FAILED */
  async run(feeds: Readonly<Record<string, DenseTensor>>, outputs?: readonly string[]): Promise<Record<string, DenseTensor>> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, { data, dims }] of Object.entries(feeds)) {
      const type = types.get(data.constructor);
      if (!type) throw new AppError("BAD_INPUT", `Input "${name}" is of a type that is not run here`);
      tensors[name] = new Tensor(type, data as Float32Array, dims);
    }
    try {
      const results = outputs ? await this.session.run(tensors, [...outputs]) : await this.session.run(tensors);
      return Object.fromEntries(Object.entries(results).map(([name, { dims, data }]) => [name, { dims, data: data as TensorData }]));
    } catch (error) {
      throw new AppError("INFERENCE_FAILED", `The model failed: ${runtimeReason(error)}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    if (this.profiled) this.session.endProfiling();
    await this.session.release();
  }
}

/** The runtime as packages without native code take it, handed in. */
export const onnxRuntime = { load: OnnxSession.load };
