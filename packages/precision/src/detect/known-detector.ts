import { AppError } from "@octet/shared/errors";
import type { DetectorSpec, ModelSignature } from "@octet/vision/models/family";
import { recogniseDetector } from "@octet/vision/models/recognise";

/** Which detector a model is; or null, and why it is none. */
export function knownDetector(
  signature: ModelSignature,
): { spec: DetectorSpec; unrecognised: null } | { spec: null; unrecognised: string } {
  try {
    return { spec: recogniseDetector(signature), unrecognised: null };
  } catch (error) {
    if (error instanceof AppError && error.code === "MODEL_UNRECOGNISED") return { spec: null, unrecognised: error.hint ?? error.message };
    throw error;
  }
}
