import { AppError } from "@octet/shared/errors";
import type { Provider } from "./session-messages.ts";

/** ONNX Runtime's message without its file paths and function names. */
export function runtimeReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^Error: /, "")
    .replace(/\/\S+\.(cc|h):\d+ /g, "")
    .replace(/^.* was false\. /, "")
    .replace(/^OrtSessionOptionsAppendExecutionProvider_\w+: /, "")
    .split("\n")[0]!
    .trim()
    .slice(0, 400);
}

/** Why a session could not be made: the model's fault or the provider's. */
export function sessionCreateError(error: unknown, provider: Provider, modelPath: string): AppError {
  const reason = runtimeReason(error);
  const modelsFault =
    /protobuf|INVALID_GRAPH|INVALID_PROTOBUF|INVALID_ARGUMENT|NOT_IMPLEMENTED|opset|ModelProto|NO_MODEL|NO_SUCHFILE|Load model/i;
  if (provider !== "cpu" && !modelsFault.test(reason)) {
    return new AppError("PROVIDER_UNAVAILABLE", `ONNX Runtime cannot run on "${provider}" here: ${reason}`, {
      hint: "Run `octet doctor` to see which providers this host has, or use the provider cpu.",
      cause: error,
    });
  }
  return new AppError("MODEL_INVALID", `ONNX Runtime cannot load ${modelPath}: ${reason}`, {
    hint: "The file is damaged, incomplete or no ONNX model. Export or download it again.",
    cause: error,
  });
}
