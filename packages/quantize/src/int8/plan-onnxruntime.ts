import type { Graph } from "@octet/onnx/ir/graph";
import type { Model } from "@octet/onnx/ir/model";
import { constantOf } from "@octet/onnx/passes/constants-of";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import type { Range } from "../calibrate/range-observer.ts";
import { paddedInputs } from "../onnxruntime/pad-channels.ts";
import { shareOverConcats } from "./concat-scales.ts";
import type { EmitPlan } from "./emit.ts";
import type { ParamTable } from "./param-table.ts";
import { SharedScales } from "./shared-scales.ts";
import type { Unit } from "./units.ts";
import { weightLevels } from "./weight-levels.ts";

/**
 * MaxPool, Resize and what else only moves elements has integer kernels only where both sides share one scale; a Concat's inputs
 * share its result's where that is worth it, which ranges tell.
 */
export function sharedForOnnxRuntime(units: Iterable<Unit>, measured?: { graph: Graph; ranges: ReadonlyMap<string, Range> }): SharedScales {
  const list = [...units];
  const shared = new SharedScales();
  for (const unit of list) if (unit.kind === "moving") shared.join([...unit.inputs, ...unit.outputs]);
  if (measured) shareOverConcats(shared, measured.graph, list, measured.ranges);
  return shared;
}

/** Of the weighted operators all have integer kernels but ConvTranspose (onnxruntime#8988): Q/DQ around it would only add work. */
export function hasOnnxRuntimeKernel({ node }: Unit): boolean {
  return node.opType !== "ConvTranspose";
}

/** Values that calibration must find ranges for. */
export function quantisedValues(units: Iterable<Unit>): Set<string> {
  const values = new Set<string>();
  for (const unit of units) if (hasOnnxRuntimeKernel(unit)) for (const value of [...unit.inputs, ...unit.outputs]) values.add(value);
  return values;
}

/**
 * Q/DQ at both sides of every integer unit: ONNX Runtime then replaces each by its QLinear kernel. A float reader of an
 * integer unit's output reads what was dequantised; integer readers of a float value share one Q.
 */
export function planForOnnxRuntime({ graph }: Model, units: Iterable<Unit>, table: ParamTable, bits: WeightBits): EmitPlan {
  const list = [...units].filter(hasOnnxRuntimeKernel);
  const weighted = new Map(
    list
      .filter(({ kind }) => kind === "weighted")
      .map(({ node }) => {
        const weights = constantOf(graph, node.inputs[1])!;
        return [node.name, weightLevels(node, weights, bits, paddedInputs(graph, node.inputs[0]!, weights.dims[1]!))];
      }),
  );
  const pairs = new Map<string, { params: NonNullable<ReturnType<ParamTable["get"]>>; readers: "all" | Set<string> }>();
  const integerOutputs = new Set(list.flatMap(({ outputs }) => outputs));
  for (const value of quantisedValues(list)) {
    const params = table.get(value);
    if (!params) continue;
    if (integerOutputs.has(value)) pairs.set(value, { params, readers: "all" });
    else {
      const readers = list.filter(({ inputs }) => inputs.includes(value)).map(({ node }) => node.name);
      pairs.set(value, { params, readers: new Set(readers) });
    }
  }
  return { weighted, pairs };
}
