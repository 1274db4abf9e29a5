import { dataTypeNumbers } from "@octet/onnx/ir/data-type";
import type { Graph } from "@octet/onnx/ir/graph";
import { type GraphNode, intAttribute, type Model } from "@octet/onnx/ir/model";
import { inferShapes } from "@octet/onnx/ops/infer-shapes";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { convertOpset } from "@octet/onnx/passes/convert-opset";
import type { Range } from "../calibrate/range-observer.ts";
import { convertToFp16 } from "../fp16/convert-to-fp16.ts";
import { defaultBlockedOps } from "../fp16/precision-plan.ts";
import { fromFloat16, roundToFloat16, toFloat16 } from "../numeric/float16.ts";
import { type QuantizedWeights, quantizeWeights } from "../numeric/weights.ts";
import { type EmitOptions, type EmitPlan, emitQdq, scaleAxis } from "./emit.ts";
import type { ParamTable } from "./param-table.ts";

export interface TensorRtOptions extends Omit<EmitOptions, "integerBias"> {
  /**
   * Makes the rest of the graph float16, scales included: a strongly typed TensorRT network computes what is not int8 in
   * the types that the file says. Default false: float32.
   */
  half?: boolean;
  /** With `half`: observed ranges by value, so that what leaves float16's range stays float32. */
  ranges?: ReadonlyMap<string, Range>;
}

/** Q/DQ of float16 came with 19. */
const HALF_SCALES_OPSET = 19;

/**
 * Writes the model that TensorRT takes: int8 Q/DQ as planned, biases in float; opset 17, or 19 with `half`.
 *
 * ONNX Runtime's optimiser, which sees the graph before any of its providers does, quantises float biases to int32 (seen
 * with 1.30), a form that TensorRT refuses, and rounds them in float16 where the bias is. To hand it to TensorRT, disable the
 * optimiser "WeightBiasQuantization"; on a CPU load it with `session.disable_quant_qdq` = 1, which also folds the weights.
 */
export function emitTensorRt(prepared: Model, table: ParamTable, plan: EmitPlan, options: TensorRtOptions = {}): Model {
  const { half = false, ranges, weights, ...rest } = options;
  if (!half) return emitQdq(prepared, table, plan, { ...rest, ...(weights && { weights }), integerBias: false });
  const model = emitQdq(prepared, table, plan, { ...rest, weights: withHalfScales(prepared, plan, weights), integerBias: false });
  inferShapes(model);
  convertOpset(HALF_SCALES_OPSET)(model);
  // Between int8 layers a cast around Resize would keep TensorRT from moving the Q over it.
  const resizes = model.graph.nodes.filter(({ opType }) => opType === "Resize");
  const floating = resizes.filter(({ inputs }) => model.graph.producer(inputs[0]!)?.opType !== "DequantizeLinear");
  convertToFp16(model, {
    blockedOps: defaultBlockedOps.filter((op) => op !== "Resize"),
    blockedNodes: floating.map(({ name }) => name),
    ...(ranges && { ranges }),
  });
  takeScalesThatAreSubnormal(model.graph);
  model.graph.sort();
  model.graph.prune();
  return model;
}

/**
 * Quantises weights with scales that float16 holds, the next above each: multiplied by the rounded scale of others they
 * would all be off by as much. Weights that were rounded elsewhere keep their integers.
 */
function withHalfScales(
  { graph }: Model,
  { weighted }: EmitPlan,
  given: ReadonlyMap<string, QuantizedWeights> | undefined,
): Map<string, QuantizedWeights> {
  const quantised = new Map(given);
  for (const node of graph.nodes) {
    const bits = weighted.get(node.name)?.bits;
    if (bits === undefined || quantised.has(node.name)) continue;
    const weight = constantOf(graph, node.inputs[1])!;
    const axis = scaleAxis(node, weight);
    const { scales } = quantizeWeights(weight, { axis, bits });
    quantised.set(node.name, quantizeWeights(weight, { axis, bits, scales: nextHalf(scales) }));
  }
  return quantised;
}

/** The smallest float16 numbers that are not below the given positive ones. */
function nextHalf(values: Float32Array): Float32Array {
  const codes = toFloat16(values);
  const rounded = fromFloat16(codes);
  return fromFloat16(codes.map((code, at) => (rounded[at]! < values[at]! ? code + 1 : code)));
}

/**
 * The conversion keeps a DequantizeLinear whose scales are subnormal in float32 and casts what it gives. As the weights
 * are made for the very scales that float16 has, nothing is lost without the cast, which TensorRT would not fuse over.
 */
function takeScalesThatAreSubnormal(graph: Graph): void {
  for (const cast of [...graph.nodes]) {
    if (cast.opType !== "Cast" || intAttribute(cast, "to", 0) !== dataTypeNumbers.float16) continue;
    const dequantise: GraphNode | undefined = graph.producer(cast.inputs[0]!);
    if (dequantise?.opType !== "DequantizeLinear" || graph.consumers(dequantise.outputs[0]!).length !== 1) continue;
    const scale = constantOf(graph, dequantise.inputs[1]);
    if (
      !constantOf(graph, dequantise.inputs[0]) ||
      !(scale?.data instanceof Float32Array) ||
      scale.data.some((value) => roundToFloat16(value) === 0)
    )
      continue;
    const name = graph.freshName(`${scale.name}_float16`);
    graph.addInitializer({ name, dataType: "float16", dims: [...scale.dims], data: toFloat16(scale.data) });
    graph.removeNode(cast);
    graph.setInput(dequantise, 1, name);
    graph.valueInfo.delete(dequantise.outputs[0]!);
    dequantise.outputs[0] = cast.outputs[0]!;
    graph.changed();
  }
}
