import path from "node:path";
import type { ModelInfo } from "@octet/shared/domain/model";
import type { DetectorSpec, ModelSignature } from "./family.ts";
import { licenceOf } from "./licence.ts";

/** A detector as people and the gateway are told of it. */
export function describeModel(
  modelPath: string,
  file: { sha256: string; size: number; precision: ModelInfo["precision"]; signature: Pick<ModelSignature, "metadata"> },
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
    licence: licenceOf(detector.family, file.sha256, file.signature.metadata),
  };
}
