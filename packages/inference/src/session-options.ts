import type { InferenceSession } from "onnxruntime-node";
import type { Provider } from "./session-messages.ts";

/**
 * One intra-op thread a session: two sessions with one thread each beat one with two by about 1.2×. No spinning: an
 * idle session must not hold a core that the decoders need. Exactly one provider is named, so that a session which
 * cannot have it fails instead of running elsewhere unnoticed.
 */
export function sessionOptions(provider: Provider): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    // Errors are thrown as well; printed warnings would only litter the log.
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } },
  };
}
