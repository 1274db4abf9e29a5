import type { Model } from "@octet/onnx/ir/model";
import { floatsOf } from "@octet/onnx/ir/tensor";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { type EmitPlan, emitQdq } from "../int8/emit.ts";
import type { ParamTable } from "../int8/param-table.ts";
import type { Unit } from "../int8/units.ts";
import { type QuantizedWeights, quantizeWeights } from "../numeric/weights.ts";
import type { Runtime, RuntimeTensor } from "../runtime.ts";
import { roundWithFeedback } from "./error-feedback.ts";
import { byMemory, type LayerRows, type SampledLayer, sampledLayers, sampleRows } from "./layer-rows.ts";

export interface ReconstructOptions {
  prepared: Model;
  table: ParamTable;
  plan: EmitPlan;
  /** Convolutions whose weights become integers. */
  integer: readonly Unit[];
  /** Convolutions that stay float and that nothing quantised comes after: the heads. */
  heads: readonly Unit[];
  runtime: Runtime;
  feeds(): Iterable<Record<string, RuntimeTensor>> | AsyncIterable<Record<string, RuntimeTensor>>;
  /** How many images `feeds` gives. */
  images: number;
  seed?: number;
  onLayer?(done: number, total: number): void;
  signal?: AbortSignal;
}

export interface ReconstructedLayer {
  name: string;
  kept: boolean;
  /** Mean squared error of the layer's output on held-out places, before and after. */
  before: number;
  after: number;
}

export interface Reconstruction {
  /** Levels and scales of integer layers. */
  weights: Map<string, QuantizedWeights>;
  /** Weights of float layers that were fitted to quantised inputs. */
  floatWeights: Map<string, Float32Array>;
  biases: Map<string, Float32Array>;
  layers: ReconstructedLayer[];
}

/** What was found for some of the layers alone. */
export function onlyLayers({ weights, floatWeights, biases, layers }: Reconstruction, keeps: (name: string) => boolean): Reconstruction {
  const kept = <T>(map: ReadonlyMap<string, T>): Map<string, T> => new Map([...map].filter(([name]) => keeps(name)));
  return {
    weights: kept(weights),
    floatWeights: kept(floatWeights),
    biases: kept(biases),
    layers: layers.filter(({ name }) => keeps(name)),
  };
}

/**
 * Without labels, in two readings of the quantised model. First every integer layer's rounding and bias are chosen so that
 * its output stays what its float weights make of the same inputs: local targets, since a layer that made up for errors
 * before it would make up for them twice once its predecessors are mended too. Then the float heads, which come last, are
 * fitted so that on the quantised activations they give what the float model gives.
 * @throws AppError CALIBRATION_EMPTY, INFERENCE_FAILED
 */
export async function reconstructLayers(options: ReconstructOptions): Promise<Reconstruction> {
  const found: Reconstruction = { weights: new Map(), floatWeights: new Map(), biases: new Map(), layers: [] };
  await reconstruct(options, found, options.integer.filter(isPlainConv), "local");
  await reconstruct(options, found, options.heads.filter(isPlainConv), "float model");
  return found;
}

async function reconstruct(
  options: ReconstructOptions,
  found: Reconstruction,
  units: readonly Unit[],
  targets: "local" | "float model",
): Promise<void> {
  const { prepared, runtime, feeds, images, integer, heads, seed = 1, signal, onLayer } = options;
  const quantised = emitQdq(prepared, options.table, options.plan, found);
  const float = targets === "float model" ? prepared : null;
  const layers = await sampledLayers({ prepared, quantised, units, feeds, seed });
  for (const part of byMemory(layers)) {
    const samples = await sampleRows(part, { quantised, float, runtime, feeds, images, ...(signal ? { signal } : {}) });
    for (const [at, layer] of part.entries()) {
      signal?.throwIfAborted();
      solve(options, found, layer, samples[at]!);
      onLayer?.(found.layers.length, integer.length + heads.length);
      // Whoever watches gets a turn: solving is pure computation.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function solve({ prepared, plan }: ReconstructOptions, found: Reconstruction, { unit, geometry }: SampledLayer, sample: LayerRows): void {
  const { name, node } = unit;
  const tensor = constantOf(prepared.graph, node.inputs[1])!;
  const weight = floatsOf(tensor);
  const channels = tensor.dims[0]!;
  const biasTensor = constantOf(prepared.graph, node.inputs[2]);
  const bias = biasTensor ? floatsOf(biasTensor).slice() : new Float32Array(channels);
  const limits = plan.weighted.get(name) ?? null;
  const start = quantizeWeights(tensor, { axis: 0, ...limits });
  const { values: inputRows, rows } = sample.inputs.result();
  const targetRows = sample.targets?.result().values ?? null;
  const { groups } = geometry;
  const outputs = channels / groups;
  const depth = weight.length / channels;
  const levels = start.data.slice();
  const fitted = weight.slice();
  const scales = start.scales.slice();
  const totals = { before: 0, after: 0, kept: 0 };
  for (let group = 0; group < groups; group++) {
    const from = group * outputs;
    const result = roundWithFeedback({
      weight: weight.subarray(from * depth, (from + outputs) * depth),
      bias: bias.slice(from, from + outputs),
      inputRows: inputRows.subarray(group * rows * depth, (group + 1) * rows * depth),
      scales: start.scales.subarray(from, from + outputs),
      targetRows: targetRows?.subarray(group * rows * outputs, (group + 1) * rows * outputs) ?? null,
      levels: limits ? { qmin: start.qmin, qmax: start.qmax, pairs: limits.pairs } : null,
    });
    totals.before += result.before / groups;
    totals.after += result.after / groups;
    if (!result.kept) continue;
    totals.kept++;
    if (result.levels) levels.set(result.levels, from * depth);
    else fitted.set(result.weight, from * depth);
    scales.set(result.scales, from);
    bias.set(result.bias, from);
  }
  if (totals.kept > 0) {
    if (limits) found.weights.set(name, { ...start, data: levels, scales });
    else found.floatWeights.set(name, fitted);
    found.biases.set(name, bias);
  }
  found.layers.push({ name, kept: totals.kept > 0, before: totals.before, after: totals.after });
}

function isPlainConv({ node }: Unit): boolean {
  const padding = node.attributes.get("auto_pad");
  return node.opType === "Conv" && (padding === undefined || (padding.type === "string" && padding.value === "NOTSET"));
}
