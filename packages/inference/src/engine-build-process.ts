/**
 * Runs in a process of its own (see `thread-bootstrap.mjs`), because TensorRT's builder takes minutes and gigabytes, and takes
 * down what it runs in when it fails. Builds the engine of a model that `argv` names, and says over IPC how it went.
 */
import { OrtApi } from "./ort-api.ts";
import { runtimeReason } from "./session-errors.ts";
import { graphConfig } from "./session-options.ts";

export interface EngineBuild {
  modelPath: string;
  /** TensorRT's. */
  options: Record<string, string>;
}

const { modelPath, options } = JSON.parse(process.argv[3]!) as EngineBuild;
let reason: string | null = null;
try {
  new OrtApi().openOnce(modelPath, { tensorRt: options, config: graphConfig("tensorrt") });
} catch (error) {
  reason = runtimeReason(error);
}
process.send!({ reason }, undefined, undefined, () => process.disconnect());
