/**
 * Every error code that Octet shows to a person or a program. A code never changes its meaning;
 * the message says what happened, the hint says what to do next.
 */
export const errorCodes = [
  // Cameras and streams
  "CAMERA_UNREACHABLE",
  "CAMERA_REFUSED",
  "CAMERA_UNAUTHORIZED",
  "CAMERA_NOT_FOUND_ON_SERVER",
  "CAMERA_NOT_VIDEO",
  "CAMERA_UNSUPPORTED_CODEC",
  "CAMERA_TIMEOUT",
  "CAMERA_STALLED",
  "CAMERA_STREAM_ENDED",
  "CAMERA_DECODE_FAILED",
  "CAMERA_URL_INVALID",
  "CAMERA_PASSWORD_REQUIRED",
  // Models and inference
  "MODEL_NOT_FOUND",
  "MODEL_INVALID",
  "MODEL_UNRECOGNISED",
  "MODEL_UNSUPPORTED",
  "MODEL_NOT_READY",
  "INFERENCE_FAILED",
  "PROVIDER_UNAVAILABLE",
  // Datasets and calibration
  "DATASET_INVALID",
  "CALIBRATION_EMPTY",
  // Workers, link, storage
  "SERVER_UNREACHABLE",
  "WORKER_UNAVAILABLE",
  "HOST_FULL",
  "PROTOCOL_MISMATCH",
  "DATABASE_UNAVAILABLE",
  "DISK_FULL",
  // Requests
  "BAD_INPUT",
  "NOT_FOUND",
  "CONFLICT",
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "UNSUPPORTED",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * What crosses a process boundary of an error; its schema is `errorInfoSchema`. Not inferred from that one: every thread
 * loads this file, and reading zod would be most of what a thread's start takes.
 */
export type ErrorInfo = {
  code: ErrorCode;
  message: string;
  hint?: string | undefined;
};

const brand = Symbol.for("octet.AppError");

/** The one error class that Octet throws on purpose. Translated once, at the transport. */
export class AppError extends Error {
  // The server and Next's bundle load separate copies of this class: an error of one is one of the other.
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && (value as { [brand]?: unknown })[brand] === true;
  }

  readonly [brand] = true;
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.hint = options.hint;
  }

  toInfo(): ErrorInfo {
    return { code: this.code, message: this.message, ...(this.hint ? { hint: this.hint } : {}) };
  }

  static fromInfo(info: ErrorInfo): AppError {
    return new AppError(info.code, info.message, info.hint ? { hint: info.hint } : {});
  }

  /** Anything thrown, as an AppError; what was not thrown on purpose becomes INTERNAL. */
  static from(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new AppError("INTERNAL", message, { cause: error });
  }
}
