import { cloneModel } from "@octet/onnx/io/clone-model";
import type { Model } from "@octet/onnx/ir/model";
import { inferShapes } from "@octet/onnx/ops/infer-shapes";
import { convertOpset } from "@octet/onnx/passes/convert-opset";
import { eliminateNops } from "@octet/onnx/passes/eliminate-nops";
import { foldBatchNorm } from "@octet/onnx/passes/fold-batch-norm";
import { foldConstants } from "@octet/onnx/passes/fold-constants";
import { dropInitializerInputs } from "@octet/onnx/passes/initializer-inputs";

/** Per-axis QuantizeLinear came with 13; 17 is what every runtime of the last years reads. */
export const QUANTISED_OPSET = 17;

/**
 * The float graph that quantisation starts from: an own copy at opset `opset` or newer, constants and batch
 * normalisation folded, nothing in it that does nothing, shapes inferred. Computes what the given model computes.
 * @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED
 */
export function prepareFloat(model: Model, opset = QUANTISED_OPSET): Model {
  const copy = cloneModel(model);
  dropInitializerInputs()(copy);
  if ((copy.opsets.get("") ?? 1) < opset) convertOpset(opset)(copy);
  foldConstants()(copy);
  foldBatchNorm()(copy);
  eliminateNops()(copy);
  foldConstants()(copy);
  copy.graph.prune();
  nameNodes(copy);
  inferShapes(copy);
  return copy;
}

/** Reports, plans and tables name nodes; ONNX does not ask that names be there, nor that they differ. */
function nameNodes({ graph }: Model): void {
  const seen = new Set<string>();
  for (const node of graph.nodes) {
    if (node.name === "" || seen.has(node.name)) node.name = graph.freshName(node.name || `${node.opType}_${node.outputs[0] ?? ""}`);
    seen.add(node.name);
  }
  graph.changed();
}
