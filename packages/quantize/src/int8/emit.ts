import { cloneModel } from "@octet/onnx/io/clone-model";
import type { GraphNode, Model } from "@octet/onnx/ir/model";
import { floatsOf, type Tensor } from "@octet/onnx/ir/tensor";
import { constantOf } from "@octet/onnx/passes/constants-of";
import type { QuantParams } from "../numeric/quant-params.ts";
import { type QuantizedBias, type QuantizedWeights, quantizeBias, quantizeWeights } from "../numeric/weights.ts";
import type { ParamTable } from "./param-table.ts";
import { QdqWriter } from "./qdq-writer.ts";
import type { WeightLevels } from "./weight-levels.ts";

/** Which integers an emitter writes where. */
export interface EmitPlan {
  /** Nodes whose weights (input 1) become int8, with the levels they may use. */
  weighted: ReadonlyMap<string, WeightLevels>;
  /** Values that get a Q/DQ pair, and which of their readers (by node name) read it; the others read the float value. */
  pairs: ReadonlyMap<string, { params: QuantParams; readers: "all" | ReadonlySet<string> }>;
}

export interface EmitOptions {
  /** Weights that were rounded elsewhere (AdaRound), by node name. */
  weights?: ReadonlyMap<string, QuantizedWeights>;
  /** Weights of layers that stay float, fitted to quantised inputs, by node name. */
  floatWeights?: ReadonlyMap<string, Float32Array>;
  /** Biases that were corrected elsewhere, by node name; of integer and of float layers. */
  biases?: ReadonlyMap<string, Float32Array>;
  /** Whether a bias becomes int32 too (ONNX Runtime fuses both; TensorRT wants it in float). Default true. */
  integerBias?: boolean;
}

/** Writes Q/DQ nodes as planned into a copy of the prepared float model. */
export function emitQdq(prepared: Model, table: ParamTable, plan: EmitPlan, options: EmitOptions = {}): Model {
  const model = cloneModel(prepared);
  const { graph } = model;
  const writer = new QdqWriter(graph);
  for (const node of [...graph.nodes]) {
    const weighted = plan.weighted.get(node.name);
    if (weighted) writeWeights(model, writer, node, weighted, table, plan, options);
    else replaceFloat(model, node, options);
  }
  for (const [value, { params, readers }] of plan.pairs) {
    const produced = graph.producer(value);
    if (readers === "all" && graph.isOutput(value) && produced) {
      // The output keeps its name: what the node computes gets another one.
      const inner = graph.freshName(`${value}_float`);
      produced.outputs[produced.outputs.indexOf(value)] = inner;
      graph.changed();
      graph.replaceUses(value, writer.pair(inner, params, value), (node) => node.opType === "QuantizeLinear");
      continue;
    }
    const dequantised = writer.pair(value, params);
    graph.replaceUses(value, dequantised, (node) =>
      readers === "all" ? node.opType === "QuantizeLinear" : !readers.has(node.name) || node.opType === "QuantizeLinear",
    );
  }
  graph.sort();
  graph.prune();
  return model;
}

/** The axis of a weight tensor that output channels lie on (of an ungrouped ConvTranspose: its weights are inputs × outputs). */
export function outputAxis(node: GraphNode, weight: Tensor): number {
  if (node.opType === "Conv") return 0;
  if (node.opType === "ConvTranspose") return 1;
  if (node.opType === "Gemm") return node.attributes.get("transB")?.type === "int" && node.attributes.get("transB")!.value === 1n ? 0 : 1;
  return weight.dims.length - 1;
}

/**
 * The axis along which weights have scales of their own: that of the output channels. null, one scale for all, for
 * ConvTranspose: TensorRT's kernels take scales by input channel, if any (NVIDIA/TensorRT#2380), and by output channel have
 * refused the model (#1519) or computed something else (#1694). One scale is right either way.
 */
export function scaleAxis(node: GraphNode, weight: Tensor): number | null {
  return node.opType === "ConvTranspose" ? null : outputAxis(node, weight);
}

/** Gives a float layer the weights and the bias that were found for it. */
function replaceFloat({ graph }: Model, node: GraphNode, { floatWeights, biases }: EmitOptions): void {
  const put = (position: number, dims: readonly number[], data: Float32Array): void => {
    const name = graph.freshName(`${node.name}_${position === 1 ? "weight" : "bias"}_fitted`);
    graph.addInitializer({ name, dataType: "float32", dims: [...dims], data });
    while (node.inputs.length <= position) node.inputs.push("");
    graph.setInput(node, position, name);
  };
  const weight = floatWeights?.get(node.name);
  const bias = biases?.get(node.name);
  if (weight) put(1, constantOf(graph, node.inputs[1])!.dims, weight);
  if (bias) put(2, [bias.length], bias);
}

/** Channels whose scale had to be raised for the bias are rounded anew: their weights are next to nothing beside it. */
function withRaisedScales(
  weight: Tensor,
  given: QuantizedWeights,
  { weightScales, adjusted }: QuantizedBias,
  levels: WeightLevels,
): QuantizedWeights {
  const raised = quantizeWeights(weight, { axis: 0, ...levels, scales: weightScales });
  const data = given.data.slice();
  const per = data.length / weightScales.length;
  for (const channel of adjusted) data.set(raised.data.subarray(channel * per, (channel + 1) * per), channel * per);
  return { ...raised, data };
}

function writeWeights(
  model: Model,
  writer: QdqWriter,
  node: GraphNode,
  levels: WeightLevels,
  table: ParamTable,
  plan: EmitPlan,
  { weights: given, biases, integerBias = true }: EmitOptions,
): void {
  const { graph } = model;
  const weight = constantOf(graph, node.inputs[1])!;
  const axis = scaleAxis(node, weight);
  let quantised = given?.get(node.name) ?? quantizeWeights(weight, { axis, ...levels });
  const biasName = node.inputs[2] || null;
  const corrected = biases?.get(node.name);
  const bias = corrected ?? (biasName ? floatsOf(constantOf(graph, biasName)!) : null);
  // Only Conv has a fused integer bias; a Gemm's may be broadcast, a MatMul has none.
  if (bias && node.opType === "Conv") {
    const name = biasName ?? `${node.name}_bias`;
    const input = plan.pairs.has(node.inputs[0]!) ? table.get(node.inputs[0]!) : undefined;
    if (integerBias && input) {
      const integer = quantizeBias(bias, input.scale, quantised.scales);
      if (integer.adjusted.length > 0) quantised = withRaisedScales(weight, quantised, integer, levels);
      writer.bias(node, name, integer);
    } else if (corrected) {
      const replaced = graph.freshName(`${name}_corrected`);
      graph.addInitializer({ name: replaced, dataType: "float32", dims: [corrected.length], data: corrected });
      while (node.inputs.length < 3) node.inputs.push("");
      graph.setInput(node, 2, replaced);
    }
  }
  writer.weights(node, 1, weight.dims, quantised);
}
