import { ErrorAccumulator } from "../numeric/error-statistics.ts";
import { floatValue, paired, type ValueSource } from "./value-source.ts";

export interface BiasLayer {
  /** The layer's name, under which its bias is handed to `quantised`. */
  name: string;
  /** The layer's own output, before the activation: [N, C, ...]. Both models have it under this name. */
  output: string;
  /** The output of the block, whose error decides; the layer's own by default. */
  block?: string;
  /** The float bias, one a channel; zeros where the layer had none. */
  bias: Float32Array;
}

export interface BiasCorrectionOptions {
  /** In evaluation order: each is corrected on what the corrected layers before it give. */
  layers: readonly BiasLayer[];
  float: ValueSource;
  /** The quantised model with these biases instead of its own, by layer name. */
  quantised(biases: ReadonlyMap<string, Float32Array>): ValueSource | Promise<ValueSource>;
  onLayer?(done: number, total: number): void;
  signal?: AbortSignal;
}

export interface CorrectedLayer {
  name: string;
  kept: boolean;
  /** Mean squared error of the block's output, without and with the correction. */
  before: number;
  after: number;
}

/**
 * Empirical bias correction (Nagel et al., "Data-free quantization through weight equalization and bias correction",
 * ICCV 2019): takes from each bias the mean, over images and places, of quantised minus float output of its channel.
 * Sequential, on quantised inputs; kept only where the block's squared error falls.
 */
export async function correctBiases(
  options: BiasCorrectionOptions,
): Promise<{ biases: Map<string, Float32Array>; layers: CorrectedLayer[] }> {
  const { layers, float, onLayer, signal } = options;
  const biases = new Map<string, Float32Array>();
  const results: CorrectedLayer[] = [];
  let current = await options.quantised(biases);
  for (const layer of layers) {
    signal?.throwIfAborted();
    const { name, output, block = output, bias } = layer;
    const errors = new ChannelErrors(bias.length);
    const before = await blockError(float, current, block, output, errors);
    const means = errors.means();
    const trial = new Map(biases).set(
      name,
      bias.map((value, channel) => value - means[channel]!),
    );
    const next = await options.quantised(trial);
    const after = await blockError(float, next, block);
    const kept = after < before;
    if (kept) {
      biases.set(name, trial.get(name)!);
      current = next;
    }
    results.push({ name, kept, before, after });
    onLayer?.(results.length, layers.length);
  }
  return { biases, layers: results };
}

/** Mean over everything but the channel (axis 1) of quantised minus float, in memory of the size of one channel list. */
export class ChannelErrors {
  private readonly sums: Float64Array;
  private count = 0;

  constructor(channels: number) {
    this.sums = new Float64Array(channels);
  }

  /** Of tensors [N, C, ...]. */
  add(dims: readonly number[], reference: Float32Array, quantised: Float32Array): void {
    const { sums } = this;
    const channels = sums.length;
    const inner = dims.slice(2).reduce((product, dim) => product * dim, 1);
    for (let from = 0, channel = 0; from < reference.length; from += inner, channel = channel + 1 === channels ? 0 : channel + 1) {
      let sum = 0;
      for (let i = from; i < from + inner; i++) sum += quantised[i]! - reference[i]!;
      sums[channel]! += sum;
    }
    this.count += reference.length / channels;
  }

  means(): Float64Array {
    return this.sums.map((sum) => (this.count === 0 ? 0 : sum / this.count));
  }
}

/** Mean squared error of a block's output; on the way the mean errors of a layer's channels, where they are wanted. */
async function blockError(
  float: ValueSource,
  quantised: ValueSource,
  block: string,
  output?: string,
  errors?: ChannelErrors,
): Promise<number> {
  const values = output && errors ? [block, output] : [block];
  const total = new ErrorAccumulator();
  for await (const [reference, actual] of paired(float, values, quantised, values)) {
    total.add(floatValue(reference, block).data, floatValue(actual, block).data);
    if (!output || !errors) continue;
    const { dims, data } = floatValue(reference, output);
    errors.add(dims, data, floatValue(actual, output).data);
  }
  return total.result().mse;
}
