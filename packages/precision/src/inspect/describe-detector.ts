import { checkModelFile } from "@octet/inference/file-check";
import { loadModelFile } from "@octet/inference/model-file";
import { checkModel } from "@octet/onnx/check/check-model";
import { readModelFile } from "@octet/onnx/io/model-file";
import { modelPrecision } from "@octet/onnx/stats/model-precision";
import type { JobResult } from "@octet/shared/domain/job";
import { licenceOf } from "@octet/vision/models/licence";
import { recogniseDetector } from "@octet/vision/models/recognise";
import { modelCost } from "./model-cost.ts";

/**
 * Which detector a file is, once ONNX Runtime has loaded it. A hostile file may end the process: it is to be called in one
 * that may end.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNSUPPORTED, MODEL_UNRECOGNISED
 */
export async function describeDetector(file: string): Promise<JobResult<"inspect">> {
  await checkModelFile(file);
  // Our own reader first: it says by name what is wrong, and it cannot crash.
  const model = checkModel(await readModelFile(file));
  const { signature, sha256 } = await loadModelFile(file);
  const { family, labels, input } = recogniseDetector(signature);
  return {
    family,
    inputWidth: input.width,
    inputHeight: input.height,
    maxBatch: input.maxBatch,
    classes: [...labels],
    precision: modelPrecision(model),
    licence: licenceOf(family, sha256, signature.metadata),
    operators: model.graph.nodes.length,
    opset: model.opsets.get("") ?? 1,
    cost: modelCost(model, signature),
  };
}
