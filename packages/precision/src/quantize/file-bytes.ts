import { checkModel } from "@octet/onnx/check/check-model";
import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { mergeSiblingConvs } from "@octet/onnx/passes/merge-sibling-convs";
import type { QuantizationTarget } from "@octet/quantize/int8/quantize-model";

/**
 * The file of a quantised model. On a CPU float heads take a good part of what is left, and are computed in as few
 * convolutions as can be; TensorRT does so by itself.
 * @throws AppError MODEL_INVALID
 */
export function fileBytes(model: Model, target: QuantizationTarget): Uint8Array {
  if (target === "tensorrt") return encodeModel(checkModel(model));
  const copy = cloneModel(model);
  mergeSiblingConvs()(copy);
  return encodeModel(checkModel(copy));
}
