import type { Model } from "@octet/onnx/ir/model";
import { type ModelStats, modelStats } from "@octet/onnx/stats/model-stats";
import type { ModelCost } from "@octet/shared/domain/model";
import { AppError } from "@octet/shared/errors";
import type { ModelSignature } from "@octet/vision/models/family";
import { bindImageSize } from "./bind-image-size.ts";

/** What a plan needs of a model; null where a layer's size is not known, so that the sums would be too small. */
export function costOfStats({ parameters, macs, layerElements, layers }: ModelStats): ModelCost | null {
  if (parameters === 0 || macs === 0 || layers.some((layer) => layer.macs === null)) return null;
  return { parameters, macs, layerElements };
}

/** The same at the size that the model is fed, which is written into it. Null too where the file has no sense at that size. */
export function modelCost(model: Model, signature: ModelSignature): ModelCost | null {
  bindImageSize(model, signature);
  try {
    return costOfStats(modelStats(model));
  } catch (error) {
    if (error instanceof AppError && error.code === "MODEL_INVALID") return null;
    throw error;
  }
}
