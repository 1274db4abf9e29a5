import type { Model } from "@octet/onnx/ir/model";
import { floatsOf } from "@octet/onnx/ir/tensor";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { type QuantizedWeights, quantizeWeights } from "../numeric/weights.ts";
import type { Activation } from "../refine/activation.ts";
import { adaroundLayers } from "../refine/adaround-layers.ts";
import { correctBiases } from "../refine/bias-correction.ts";
import type { Reconstruction } from "../refine/reconstruct.ts";
import { valueSource } from "../refine/value-source.ts";
import type { RuntimeTensor } from "../runtime.ts";
import { type Calibration, type Feeds, quantizeCalibrated, type RefineOptions, refine } from "./quantize-model.ts";
import type { Unit } from "./units.ts";
import type { WeightLevels } from "./weight-levels.ts";

/**
 * `feedback`: rounding errors made up for in closed form, heads fitted (seconds). `bias`: biases corrected one layer after
 * the other. `adaround`: rounding learnt by gradient descent (minutes). None needs labels.
 */
export const refinements = ["none", "bias", "adaround", "feedback"] as const;
export type RefinementKind = (typeof refinements)[number];

/** Inputs that are kept over the layers of a refinement take no more memory than this, bytes: 50 images of 640 × 640. */
const MOST_KEPT = 256 * 2 ** 20;

/**
 * @param options `feeds` is read once where its inputs fit into 256 MiB, and otherwise twice or more for each layer
 * @throws AppError CALIBRATION_EMPTY, INFERENCE_FAILED, MODEL_UNSUPPORTED
 */
export async function refineBy(kind: RefinementKind, calibration: Calibration, options: RefineOptions): Promise<Reconstruction | null> {
  if (kind === "none") return null;
  if (kind === "feedback") return refine(calibration, options);
  const { prepared } = calibration;
  const { runtime, images, onLayer, signal } = options;
  const feeds = await kept(options.feeds, signal);
  const simulated = { load: (model: Uint8Array, choices = {}) => runtime.load(model, { ...choices, simulate: true }) };
  const { plan, model } = quantizeCalibrated(calibration, options);
  const layers = calibration.decisions
    .map(({ unit }) => unit)
    .filter(({ name, node }) => plan.weighted.has(name) && node.opType === "Conv");
  const float = valueSource(prepared, feeds, runtime);
  const found: Reconstruction = { weights: new Map(), floatWeights: new Map(), biases: new Map(), layers: [] };
  const current = () => valueSource(quantizeCalibrated(calibration, { ...options, refinement: found }).model, feeds, simulated);
  const more = { ...(onLayer ? { onLayer } : {}), ...(signal ? { signal } : {}) };
  if (kind === "bias") {
    const { biases, layers: results } = await correctBiases({
      layers: layers.map(({ name, node }) => ({ name, output: node.outputs[0]!, bias: biasOf(prepared, node) })),
      float,
      quantised: (biases) => {
        found.biases = new Map(biases);
        return current();
      },
      ...more,
    });
    return { ...found, biases, layers: results };
  }
  const starts = new Map(layers.map(({ name, node }) => [name, startOf(prepared, node, plan.weighted.get(name)!)]));
  const inputs = new Map(model.graph.nodes.map((node) => [node.name, node.inputs[0]!]));
  const levelsToWeights = (levels: ReadonlyMap<string, Int8Array>): Map<string, QuantizedWeights> =>
    new Map([...levels].map(([name, data]) => [name, { ...starts.get(name)!, data }]));
  const { levels, layers: results } = await adaroundLayers({
    layers: layers.map((unit) => {
      const { scales, qmin, qmax } = starts.get(unit.name)!;
      return {
        name: unit.name,
        node: unit.node,
        weight: constantOf(prepared.graph, unit.node.inputs[1])!,
        scales,
        qmin,
        qmax,
        pairs: plan.weighted.get(unit.name)!.pairs,
        bias: biasOf(prepared, unit.node),
        activation: activationOf(prepared, unit),
        quantisedInput: inputs.get(unit.name)!,
        floatOutput: unit.node.outputs[0]!,
      };
    }),
    float,
    quantised: (learnt) => {
      found.weights = levelsToWeights(learnt);
      return current();
    },
    images,
    runtime,
    ...more,
  });
  return { ...found, weights: levelsToWeights(levels), layers: results };
}

/** Layer after layer reads the same images: preparing them takes longer than running a small detector on them. */
async function kept(feeds: Feeds, signal?: AbortSignal): Promise<Feeds> {
  const all: Record<string, RuntimeTensor>[] = [];
  let bytes = 0;
  for await (const feed of feeds()) {
    signal?.throwIfAborted();
    bytes += Object.values(feed).reduce((sum, { data }) => sum + data.byteLength, 0);
    if (bytes > MOST_KEPT) return feeds;
    // Whoever feeds may use one buffer for all.
    all.push(Object.fromEntries(Object.entries(feed).map(([name, { dims, data }]) => [name, { dims, data: data.slice() }])));
  }
  return () => all;
}

const startOf = ({ graph }: Model, node: Unit["node"], levels: WeightLevels): QuantizedWeights =>
  quantizeWeights(constantOf(graph, node.inputs[1])!, { axis: 0, ...levels });

function biasOf({ graph }: Model, node: Unit["node"]): Float32Array {
  const tensor = constantOf(graph, node.inputs[2]);
  return tensor ? floatsOf(tensor).slice() : new Float32Array(constantOf(graph, node.inputs[1])!.dims[0]!);
}

/** What follows the convolution inside its block. */
function activationOf({ graph }: Model, { node, activation }: Unit): Activation {
  if (activation?.opType === "Relu") return { kind: "relu" };
  const readers = graph.consumers(node.outputs[0]!);
  const gated =
    readers.length === 2 && readers.some(({ opType }) => opType === "Sigmoid") && readers.some(({ opType }) => opType === "Mul");
  return gated ? { kind: "silu" } : { kind: "none" };
}
