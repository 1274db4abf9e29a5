import { AppError } from "@octet/shared/errors";

const DAMAGED = "The file may be damaged or incomplete, or no ONNX model at all. Export or copy it again.";

/** A file that breaks ONNX's rules. */
export function invalid(message: string, hint: string = DAMAGED, cause?: unknown): AppError {
  return new AppError("MODEL_INVALID", message, { hint, ...(cause === undefined ? {} : { cause }) });
}

/** A file that may be right, but is beyond what Octet handles. */
export function unsupported(message: string, hint: string): AppError {
  return new AppError("MODEL_UNSUPPORTED", message, { hint });
}
