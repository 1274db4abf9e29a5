import type { InferenceSession } from "./ort.ts";
import type { Provider } from "./session-messages.ts";

/**
 * Before any provider sees the graph, ONNX Runtime turns the float biases of Q/DQ models into int32 behind a
 * DequantizeLinear, for the integer kernels of its own. TensorRT refuses that form, and CUDA, which computes these layers
 * in float, only loses accuracy by it. `session.disable_quant_qdq` would leave biases alone too, but fold the int8 weights into
 * float ones, so that TensorRT had nothing left to compute in int8 (both seen with 1.30, in the graph it writes out).
 */
const floatBiases: ReadonlySet<Provider> = new Set<Provider>(["tensorrt", "cuda"]);

/** Entries of a session's configuration that change what providers see of a graph: the same where engines are built and where they run. */
export function graphConfig(provider: Provider): Record<string, string> {
  return floatBiases.has(provider) ? { "optimization.disable_specified_optimizers": "WeightBiasQuantization" } : {};
}

/**
 * The providers of a session, in order of preference. The Node binding passes on a GPU's index and nothing else: no option
 * of TensorRT's or CUDA's (js/node/src/session_options_helper.cc), which is why engines are built outside of it. What TensorRT does not take may go to CUDA, as ONNX
 * Runtime recommends; what neither takes falls to the CPU, which `placementFault` finds out.
 */
function executionProviders(provider: Provider, deviceId: number): InferenceSession.ExecutionProviderConfig[] {
  if (provider === "cuda") return [{ name: "cuda", deviceId }];
  if (provider === "tensorrt")
    return [
      { name: "tensorrt", deviceId },
      { name: "cuda", deviceId },
    ];
  return [provider];
}

export interface SessionChoices {
  /** CUDA's index of the GPU. Default 0. */
  device?: number;
  /** Where the first runs are profiled: prefix of a file. */
  profilePrefix?: string;
}

/**
 * One intra-op thread a session: two sessions with one thread each beat one with two by about 1.2×. No spinning: an
 * idle session must not hold a core that the decoders need. A provider whose library cannot be loaded fails, instead of
 * running elsewhere unnoticed.
 */
export function sessionOptions(provider: Provider, { device = 0, profilePrefix }: SessionChoices = {}): InferenceSession.SessionOptions {
  return {
    executionProviders: executionProviders(provider, device),
    ...(profilePrefix ? { enableProfiling: true, profileFilePrefix: profilePrefix } : {}),
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // Errors are thrown as well; printed warnings would only litter the log.
    logSeverityLevel: 4,
    extra: {
      session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } },
      ...graphConfig(provider),
    },
  };
}
