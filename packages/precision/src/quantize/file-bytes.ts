import { checkModel } from "@octet/onnx/check/check-model";
import { cloneModel } from "@octet/onnx/io/clone-model";
import { encodeModel } from "@octet/onnx/io/encode-model";
import type { Model } from "@octet/onnx/ir/model";
import { lengthenBroadcasts } from "@octet/onnx/passes/lengthen-broadcasts";
import { mergeSiblingConvs } from "@octet/onnx/passes/merge-sibling-convs";
import type { QuantizationTarget } from "@octet/quantize/int8/quantize-model";
import { padChannels } from "@octet/quantize/onnxruntime/pad-channels";
import { upsampleChannelsLast } from "@octet/quantize/onnxruntime/upsample-channels-last";

/**
 * The file of a quantised model. For a CPU it is fitted to ONNX Runtime's kernels: float heads, which take a good part of
 * what is left, are computed in as few convolutions as can be, channels padded to what integer convolutions want, upsampling
 * written in their memory layout, and decoding made to work on long pieces. TensorRT does so by itself.
 * @throws AppError MODEL_INVALID
 */
export function fileBytes(model: Model, target: QuantizationTarget): Uint8Array {
  if (target === "tensorrt") return encodeModel(checkModel(model));
  const copy = cloneModel(model);
  mergeSiblingConvs()(copy);
  padChannels()(copy);
  upsampleChannelsLast()(copy);
  lengthenBroadcasts()(copy);
  return encodeModel(checkModel(copy));
}
