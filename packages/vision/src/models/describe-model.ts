import path from "node:path";
import type { ModelInfo } from "@octet/shared/domain/model";
import type { DetectorSpec } from "@octet/vision/models/family";
import { licenceOf } from "@octet/vision/models/licence";

/** The worker's own model, as the gateway is told of it. */
export function describeModel(
  modelPath: string,
  file: { sha256: string; size: number; precision: ModelInfo["precision"] },
  detector: DetectorSpec,
): ModelInfo {
  return {
    id: file.sha256,
    name: path.basename(modelPath).replace(/\.onnx$/, ""),
    family: detector.family,
    precision: file.precision,
    sizeBytes: file.size,
    inputWidth: detector.input.width,
    inputHeight: detector.input.height,
    maxBatch: detector.input.maxBatch,
    licence: licenceOf(detector.family, file.sha256),
  };
}
