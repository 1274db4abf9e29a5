import type { Model } from "@octet/onnx/ir/model";
import { floatsOf } from "@octet/onnx/ir/tensor";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { type EmitPlan, emitQdq } from "../int8/emit.ts";
import type { ParamTable } from "../int8/param-table.ts";
import type { Unit } from "../int8/units.ts";
import { type QuantizedWeights, quantizeWeights } from "../numeric/weights.ts";
import type { Runtime, RuntimeTensor } from "../runtime.ts";
import { localTargets, roundWithFeedback } from "./error-feedback.ts";
import { seededRandom } from "./random.ts";
import { type ConvGeometry, convGeometry, RowSampler } from "./sample-rows.ts";
import { floatValue, paired, valueSource } from "./value-source.ts";

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

/** Places a layer is fitted to: several times its inputs, within what stays quick. */
const rowsFor = (depth: number): number => Math.min(2048, Math.max(1024, 4 * depth));

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
  if (units.length === 0) return;
  const current = emitQdq(prepared, options.table, options.plan, found);
  const nodes = new Map(current.graph.nodes.map((node) => [node.name, node]));
  const samples = units.map((unit, at) => newSample(prepared, unit, nodes.get(unit.name)!.inputs[0]!, seed + at));
  const quantised = valueSource(current, feeds, { load: (model, choices) => runtime.load(model, { ...choices, simulate: true }) });
  const outputs = samples.map(({ output }) => output);
  // For local targets only the outputs' sizes are needed: the quantised model's own will do.
  const source = targets === "local" ? quantised : valueSource(prepared, feeds, runtime);
  const take = (sample: Sample, input: ReturnType<typeof floatValue>, output: ReturnType<typeof floatValue>): void =>
    sample.sampler.add(input, output, Math.ceil(sample.rows / images));
  const inputs = samples.map(({ input }) => input);
  if (targets === "local") {
    for await (const values of source.read([...new Set([...inputs, ...outputs])]))
      for (const sample of samples) take(sample, floatValue(values, sample.input), floatValue(values, sample.output));
  } else {
    for await (const [reference, actual] of paired(source, outputs, quantised, inputs))
      for (const sample of samples) take(sample, floatValue(actual, sample.input), floatValue(reference, sample.output));
  }
  for (const [at, unit] of units.entries()) {
    signal?.throwIfAborted();
    solve(options, found, unit, samples[at]!, targets);
    onLayer?.(found.layers.length, integer.length + heads.length);
    // Whoever watches gets a turn: solving is pure computation.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Sample {
  sampler: RowSampler;
  geometry: ConvGeometry;
  /** Value names in the quantised model, and (outputs) in both. */
  input: string;
  output: string;
  rows: number;
}

function newSample(prepared: Model, unit: Unit, input: string, seed: number): Sample {
  const { dims } = constantOf(prepared.graph, unit.node.inputs[1])!;
  const geometry = convGeometry(unit.node, dims);
  const rows = rowsFor(dims[1]! * dims[2]! * dims[3]!);
  return { sampler: new RowSampler(geometry, rows, seededRandom(seed)), geometry, input, output: unit.node.outputs[0]!, rows };
}

function solve(
  { prepared, plan }: ReconstructOptions,
  found: Reconstruction,
  { name, node }: Unit,
  { sampler, geometry }: Sample,
  targets: "local" | "float model",
): void {
  const tensor = constantOf(prepared.graph, node.inputs[1])!;
  const weight = floatsOf(tensor);
  const channels = tensor.dims[0]!;
  const biasTensor = constantOf(prepared.graph, node.inputs[2]);
  const bias = biasTensor ? floatsOf(biasTensor).slice() : new Float32Array(channels);
  const bits = plan.weighted.get(name)?.bits ?? null;
  const start = quantizeWeights(tensor, { axis: 0, bits: bits ?? 8 });
  const { inputRows, targetRows, rows } = sampler.result();
  const { groups } = geometry;
  const outputs = channels / groups;
  const depth = weight.length / channels;
  const levels = start.data.slice();
  const fitted = weight.slice();
  const scales = start.scales.slice();
  const totals = { before: 0, after: 0, kept: 0 };
  for (let group = 0; group < groups; group++) {
    const from = group * outputs;
    const layer = {
      weight: weight.subarray(from * depth, (from + outputs) * depth),
      bias: bias.slice(from, from + outputs),
      inputRows: inputRows.subarray(group * rows * depth, (group + 1) * rows * depth),
    };
    const targetsOfGroup = targetRows.subarray(group * rows * outputs, (group + 1) * rows * outputs);
    const result = roundWithFeedback({
      ...layer,
      scales: start.scales.subarray(from, from + outputs),
      targetRows: targets === "local" ? localTargets(layer) : targetsOfGroup,
      refit: targets === "float model",
      levels: bits ? { qmin: start.qmin, qmax: start.qmax } : null,
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
    if (bits) found.weights.set(name, { ...start, data: levels, scales });
    else found.floatWeights.set(name, fitted);
    found.biases.set(name, bias);
  }
  found.layers.push({ name, kept: totals.kept > 0, before: totals.before, after: totals.after });
}

function isPlainConv({ node }: Unit): boolean {
  const padding = node.attributes.get("auto_pad");
  return node.opType === "Conv" && (padding === undefined || (padding.type === "string" && padding.value === "NOTSET"));
}
