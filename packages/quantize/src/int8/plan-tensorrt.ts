import type { GraphNode, Model } from "@octet/onnx/ir/model";
import { constantOf } from "@octet/onnx/passes/constants-of";
import type { QuantParams } from "../numeric/quant-params.ts";
import type { EmitPlan } from "./emit.ts";
import type { ParamTable } from "./param-table.ts";
import { skipInputOf } from "./residual.ts";
import { SharedScales } from "./shared-scales.ts";
import { selectForTensorRt } from "./tensorrt-selection.ts";
import type { Unit } from "./units.ts";
import type { WeightLevels } from "./weight-levels.ts";

/** Where TensorRT is to find integers. */
interface Region {
  weighted: Set<GraphNode>;
  /** Names of the nodes that read a value in int8, by value. */
  readers: Map<string, Set<string>>;
  /** Concat, MaxPool and Resize between integer layers. */
  passing: Unit[];
}

/**
 * Integers begin at the inputs of the layers that have int8 kernels, never at their outputs: TensorRT moves each Q
 * back into the kernel before it, activation and all, so that a Q/DQ between a convolution and its activation would
 * only split them. From there they spread towards the input over the skip branch of a residual addition, and over Concat,
 * MaxPool and nearest Resize where all that read their result are integer too.
 */
function regionOf(model: Model, units: Iterable<Unit>): Region {
  const { graph } = model;
  const list = [...units];
  const weighted = new Set(selectForTensorRt(model, list).map(({ node }) => node));
  const unitOf = new Map(list.map((unit) => [unit.node, unit]));
  const readers = new Map<string, Set<string>>();
  const read = (value: string, node: GraphNode) => {
    const known = readers.get(value);
    if (known) known.add(node.name);
    else readers.set(value, new Set([node.name]));
  };
  const passing: Unit[] = [];
  // Backwards, so that all readers of a node's result are decided before the node is.
  for (const node of [...graph.nodes].reverse()) {
    if (weighted.has(node)) read(node.inputs[0]!, node);
    const unit = unitOf.get(node);
    if (!unit) continue;
    const skip = skipInputOf(graph, node, (layer) => weighted.has(layer));
    if (skip !== null) read(skip, node);
    if (!passes(model, unit)) continue;
    const [output] = node.outputs;
    const following = graph.consumers(output!);
    if (following.length === 0 || graph.isOutput(output!)) continue;
    if (!following.every(({ name }) => readers.get(output!)?.has(name))) continue;
    passing.push(unit);
    for (const input of unit.inputs) read(input, node);
  }
  return { weighted, readers, passing };
}

/** Whether the unit's integer results are its integer inputs, where all share one scale. */
function passes({ graph }: Model, { node, activation }: Unit): boolean {
  if (activation) return false;
  if (node.opType === "Concat") return node.inputs.every((input) => !constantOf(graph, input));
  // The second output of a MaxPool is made of indices, which no int8 kernel gives.
  return node.opType === "MaxPool" ? node.outputs.filter((output) => output !== "").length === 1 : node.opType === "Resize";
}

/** Values that calibration must find ranges for. */
export function quantisedForTensorRt(model: Model, units: Iterable<Unit>): Set<string> {
  return new Set(regionOf(model, units).readers.keys());
}

/** Inputs and output of each Concat, MaxPool and Resize between integer layers: TensorRT moves a Q over them only at one scale. */
export function sharedForTensorRt(model: Model, units: Iterable<Unit>): SharedScales {
  const shared = new SharedScales();
  for (const { inputs, outputs } of regionOf(model, units).passing) shared.join([...inputs, ...outputs]);
  return shared;
}

/**
 * Q/DQ pairs for TensorRT's explicit quantisation. Of `units`, those are used that TensorRT gains from
 * (`selectForTensorRt`); a layer whose input has no parameters in the table stays float.
 * @param model prepared, with shapes
 * @param table int8, zero points 0 (`buildParamTable` with "symmetric" and `sharedForTensorRt`)
 * @throws TypeError where the table holds anything else
 */
export function planForTensorRt(model: Model, units: Iterable<Unit>, table: ParamTable): EmitPlan {
  const region = regionOf(model, units);
  const pairs = new Map<string, { params: QuantParams; readers: Set<string> }>();
  for (const [value, readers] of region.readers) {
    const params = table.get(value);
    if (!params) continue;
    if (params.dataType !== "int8" || params.zeroPoint !== 0)
      throw new TypeError(`"${value}" has ${params.dataType} with zero point ${params.zeroPoint}; TensorRT takes int8 with 0`);
    pairs.set(value, { params, readers });
  }
  const weighted = new Map<string, WeightLevels>();
  for (const { name, inputs } of region.weighted) if (pairs.has(inputs[0]!)) weighted.set(name, { bits: 8, pairs: null });
  return { weighted, pairs };
}
