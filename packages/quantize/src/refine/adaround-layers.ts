import type { GraphNode } from "@octet/onnx/ir/model";
import { floatsOf, type Tensor } from "@octet/onnx/ir/tensor";
import type { WeightPairs } from "../numeric/weight-pairs.ts";
import type { Runtime } from "../runtime.ts";
import type { Activation } from "./activation.ts";
import { type AdaroundResult, adaround } from "./adaround.ts";
import { seededRandom } from "./random.ts";
import { convGeometry, RowSampler } from "./sample-rows.ts";
import { floatValue, paired, type ValueSource } from "./value-source.ts";

export interface RoundingLayer {
  name: string;
  /** The Conv node, and its float weights [M, C/group, kH, kW]. */
  node: GraphNode;
  weight: Tensor;
  /** Step of each output channel. */
  scales: ArrayLike<number>;
  bias?: Float32Array;
  activation: Activation;
  /** What the layer reads in the quantised model (the dequantised value), and what it makes in the float model. */
  quantisedInput: string;
  floatOutput: string;
  qmin?: number;
  qmax?: number;
  pairs?: WeightPairs | null;
}

export interface AdaroundLayersOptions {
  /** In evaluation order. */
  layers: readonly RoundingLayer[];
  float: ValueSource;
  /** The quantised model with the levels learnt so far, by layer name, instead of its nearest ones. */
  quantised(levels: ReadonlyMap<string, Int8Array>): ValueSource | Promise<ValueSource>;
  /** How many images the sources give. */
  images: number;
  /** Places of a layer's output that are learnt from, over all images. Default 4096. */
  rows?: number;
  iterations?: number;
  batch?: number;
  seed?: number;
  runtime: Runtime;
  onLayer?(done: number, total: number): void;
  signal?: AbortSignal;
}

/**
 * AdaRound layer after layer: the input comes from the quantised layers before, the target from the float model, as in
 * the paper's asymmetric reconstruction. Layers that nothing was gained for are not in `levels`.
 * @throws AppError MODEL_UNSUPPORTED where a layer is no plain two-dimensional convolution
 */
export async function adaroundLayers(options: AdaroundLayersOptions) {
  const { layers, float, images, rows = 4096, iterations, batch, seed = 1, runtime, onLayer, signal } = options;
  const levels = new Map<string, Int8Array>();
  const results: ({ name: string } & Omit<AdaroundResult, "data">)[] = [];
  for (const [at, layer] of layers.entries()) {
    signal?.throwIfAborted();
    const geometry = convGeometry(layer.node, layer.weight.dims);
    const sampler = new RowSampler(geometry, rows, seededRandom(seed + at));
    const source = await options.quantised(levels);
    for await (const [reference, actual] of paired(float, [layer.floatOutput], source, [layer.quantisedInput])) {
      sampler.add(floatValue(actual, layer.quantisedInput), floatValue(reference, layer.floatOutput), Math.ceil(rows / images));
    }
    const { inputRows, targetRows } = sampler.result();
    const { data, ...result } = await adaround({
      weight: floatsOf(layer.weight),
      outChannels: layer.weight.dims[0]!,
      groups: geometry.groups,
      scales: layer.scales,
      inputRows,
      targetRows,
      activation: layer.activation,
      seed: seed + at,
      runtime,
      ...(layer.bias ? { bias: layer.bias } : {}),
      ...(layer.qmin === undefined ? {} : { qmin: layer.qmin }),
      ...(layer.pairs ? { pairs: layer.pairs } : {}),
      ...(layer.qmax === undefined ? {} : { qmax: layer.qmax }),
      ...(iterations === undefined ? {} : { iterations }),
      ...(batch === undefined ? {} : { batch }),
      ...(signal ? { signal } : {}),
    });
    if (result.kept) levels.set(layer.name, data);
    results.push({ name: layer.name, ...result });
    onLayer?.(results.length, layers.length);
  }
  return { levels, layers: results };
}
