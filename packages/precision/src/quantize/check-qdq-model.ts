import { checkModelFile } from "@octet/inference/file-check";
import { loadModelFile } from "@octet/inference/model-file";
import { checkModel } from "@octet/onnx/check/check-model";
import { readModelFile } from "@octet/onnx/io/model-file";
import { inferShapes } from "@octet/onnx/ops/infer-shapes";
import type { QuantizationTarget } from "@octet/quantize/int8/quantize-model";
import type { Finding } from "@octet/quantize/int8/tensorrt-finding";
import { checkTensorRtRules } from "@octet/quantize/int8/tensorrt-rules";
import { AppError } from "@octet/shared/errors";
import { recogniseDetector } from "@octet/vision/models/recognise";

export interface QdqModel {
  sizeBytes: number;
  /** QuantizeLinear and DequantizeLinear nodes. */
  quantizers: number;
  dequantizers: number;
  /** What TensorRT would not like; empty for another target. */
  findings: Finding[];
}

/**
 * Whether a file is a detector that was quantised elsewhere (trained with quantisation, say), as Q/DQ nodes, and runs.
 * @throws AppError MODEL_NOT_FOUND, MODEL_INVALID, MODEL_UNRECOGNISED, MODEL_UNSUPPORTED where it has no Q/DQ nodes
 */
export async function checkQdqModel(file: string, target: QuantizationTarget): Promise<QdqModel> {
  const { size } = await checkModelFile(file);
  const model = checkModel(await readModelFile(file));
  const count = (opType: string) => model.graph.nodes.filter((node) => node.opType === opType).length;
  const [quantizers, dequantizers] = [count("QuantizeLinear"), count("DequantizeLinear")];
  if (quantizers === 0 || dequantizers === 0)
    throw new AppError("MODEL_UNSUPPORTED", `${file} has no QuantizeLinear and DequantizeLinear nodes: it is not a QAT model`, {
      hint: "Export the trained model with its fake-quantise nodes as Q/DQ pairs, or quantise this one after training (INT8 PTQ).",
    });
  recogniseDetector((await loadModelFile(file)).signature);
  if (target !== "tensorrt") return { sizeBytes: size, quantizers, dequantizers, findings: [] };
  inferShapes(model);
  return { sizeBytes: size, quantizers, dequantizers, findings: checkTensorRtRules(model) };
}
