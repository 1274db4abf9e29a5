import { modelStats } from "@octet/onnx/stats/model-stats";
import { sharedForOnnxRuntime } from "../int8/plan-onnxruntime.ts";
import type { Calibration } from "../int8/quantize-model.ts";
import { gateOf } from "../int8/residual.ts";
import { SharedScales } from "../int8/shared-scales.ts";
import type { Unit } from "../int8/units.ts";

/** Units that are quantised together or not at all. */
export interface QuantizerGroup {
  /** The name of its first weighted unit, or of its first unit. */
  name: string;
  units: Unit[];
  /** Multiply-accumulate operations for one image. */
  macs: number;
  /** Of the whole model's, 0…1. */
  macsShare: number;
}

/**
 * Splits what the rules quantise into groups, in the graph's order. One group are a layer and its activation (SiLU's
 * Sigmoid and Mul, LeakyRelu), and units whose outputs share a scale: for ONNX Runtime a MaxPool or Resize and what it
 * moves the elements of. For TensorRT scales belong to readers, and every layer is a group.
 */
export function quantizerGroups({ prepared, decisions, target }: Pick<Calibration, "prepared" | "decisions" | "target">): QuantizerGroup[] {
  const { graph } = prepared;
  const units = decisions.filter(({ precision }) => precision === "int8").map(({ unit }) => unit);
  const makers = new Map(units.flatMap((unit) => unit.outputs.map((value) => [value, unit] as const)));
  const groups = new SharedScales();
  const joinMakers = (values: readonly string[]): void =>
    groups.join(values.flatMap((value) => (makers.has(value) ? [makers.get(value)!.name] : [])));
  for (const { node, inputs, outputs } of units) {
    if (node.opType === "LeakyRelu") joinMakers([...inputs, ...outputs]);
    const gated = gateOf(graph, node);
    if (gated) joinMakers([gated.input, gated.gate.outputs[0]!, ...outputs]);
  }
  if (target === "onnxruntime") for (const set of sharedForOnnxRuntime(units).sets(makers.keys())) joinMakers(set);
  const { layers, macs: total } = modelStats(prepared);
  const macsOf = new Map(layers.map(({ name, macs }) => [name, macs ?? 0]));
  const byName = new Map(units.map((unit) => [unit.name, unit]));
  return groups.sets(byName.keys()).map((names) => {
    const members = names.map((name) => byName.get(name)!);
    const macs = names.reduce((sum, name) => sum + (macsOf.get(name) ?? 0), 0);
    const { name } = members.find(({ kind }) => kind === "weighted") ?? members[0]!;
    return { name, units: members, macs, macsShare: total === 0 ? 0 : macs / total };
  });
}

/** What `quantizeCalibrated` takes as `keepFloat`, for groups by name. */
export function keepGroupsFloat(
  groups: readonly QuantizerGroup[],
  names: Iterable<string>,
  reason: "sensitive" | "slower" = "sensitive",
): Map<string, "sensitive" | "slower"> {
  const wanted = new Set(names);
  return new Map(groups.filter(({ name }) => wanted.has(name)).flatMap(({ units }) => units.map((unit) => [unit.name, reason] as const)));
}
