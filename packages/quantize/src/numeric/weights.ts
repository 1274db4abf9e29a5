import type { Tensor } from "@octet/onnx/ir/tensor";
import { floatsOf } from "@octet/onnx/ir/tensor";
import { AppError } from "@octet/shared/errors";
import { roundHalfToEven } from "@octet/shared/rounding";
import { asymmetricParams, type QuantParams, symmetricParams } from "./quant-params.ts";
import { quantizeLinearPerAxis } from "./quantize.ts";
import { limitPairs, pairedStep, type WeightPairs } from "./weight-pairs.ts";

export interface WeightOptions {
  /** One scale for each index of this axis (Conv 0, ConvTranspose 1, MatMul's B 1); null: one for the whole tensor. */
  axis: number | null;
  /** Default 8; 7 for x64 hosts without VNNI. */
  bits?: 8 | 7;
  /** Default true: −127…127, zero point 0, as runtimes want it. */
  symmetric?: boolean;
  /** Weights that kernels add in 16 bits: together they stay within what these hold. Only with `axis` 0, 8 bits and `symmetric`. */
  pairs?: WeightPairs | null;
  /** Given scales (of AdaRound, equalised over tensors, raised for a bias) instead of the channels' ranges. Symmetric only. */
  scales?: ArrayLike<number>;
}

export interface QuantizedWeights {
  data: Int8Array;
  /** One for each channel, or one alone where `axis` was null. */
  scales: Float32Array;
  zeroPoints: Int8Array;
  axis: number | null;
  qmin: number;
  qmax: number;
}

/** Quantises a float32 weight tensor to int8. @throws AppError BAD_INPUT where a weight is not finite or the scales do not fit */
export function quantizeWeights(tensor: Tensor, options: WeightOptions): QuantizedWeights {
  const { axis, bits = 8, symmetric = true, pairs = null } = options;
  const values = floatsOf(tensor);
  // A tensor with one scale is one with a leading axis of length 1.
  const dims = axis === null ? [1, ...tensor.dims] : tensor.dims;
  const at = axis === null ? 0 : axis < 0 ? axis + dims.length : axis;
  const ranges = channelRanges(values, dims, at, tensor.name);
  const params: QuantParams[] = Array.from(ranges.min, (min, channel) =>
    symmetric
      ? symmetricParams(min, ranges.max[channel]!, { bits })
      : asymmetricParams(min, ranges.max[channel]!, { bits, dataType: "int8" }),
  );
  const { qmin, qmax } = params[0] ?? symmetricParams(0, 0, { bits });
  const scales = Float32Array.from(
    options.scales ??
      params.map(({ scale }, channel) => (pairs ? Math.max(scale, pairedStep(values, channel * pairs.length, pairs)) : scale)),
  );
  const zeroPoints = options.scales ? new Int8Array(scales.length) : Int8Array.from(params, ({ zeroPoint }) => zeroPoint);
  const data = quantizeLinearPerAxis(values, { dims, axis: at, scales, zeroPoints, dataType: "int8", qmin, qmax }) as Int8Array;
  if (pairs) limitPairs(data, values, scales, pairs);
  return { data, scales, zeroPoints, axis: axis === null ? null : at, qmin, qmax };
}

export interface QuantizedBias {
  data: Int32Array;
  /** inputScale·weightScale in float32, one a channel (or one alone). */
  scales: Float32Array;
  /** The weights' scales: as given, but raised where the bias would not have fitted. */
  weightScales: Float32Array;
  /** Which channels' scales were raised: their weights must be quantised anew with `weightScales`. */
  adjusted: number[];
}

/**
 * int32 bias at scale inputScale·weightScale[channel], zero point 0. Where |bias|/scale would pass 2³¹−1, the weight's
 * scale is raised until it fits, with ONNX Runtime's margin of 1.0001: a channel whose weights are that small beside
 * its bias loses nothing that could be seen. `weightScales` holds one scale a channel, or one for all.
 * @throws AppError BAD_INPUT where the scales do not fit the bias or a value is not finite
 */
export function quantizeBias(bias: Float32Array, inputScale: number, weightScales: ArrayLike<number>): QuantizedBias {
  if (weightScales.length !== 1 && weightScales.length !== bias.length) {
    throw new AppError("BAD_INPUT", `A bias of ${bias.length} elements cannot take ${weightScales.length} weight scales`);
  }
  const largest = new Float64Array(weightScales.length);
  for (const [channel, value] of bias.entries()) {
    if (!Number.isFinite(value)) throw new AppError("BAD_INPUT", `Bias element ${channel} is ${value}`);
    const at = weightScales.length === 1 ? 0 : channel;
    largest[at] = Math.max(largest[at]!, Math.abs(value));
  }
  const raised = Float32Array.from(weightScales);
  const adjusted: number[] = [];
  const input = Math.fround(inputScale);
  for (const [channel, scale] of raised.entries()) {
    const smallest = (1.0001 * 2 * largest[channel]!) / (2 * (2 ** 31 - 1));
    if (input * scale >= smallest || input * scale <= 0) continue;
    raised[channel] = scale * (smallest / (input * scale));
    adjusted.push(channel);
  }
  const scales = raised.map((scale) => input * scale);
  const data = new Int32Array(bias.length);
  for (const [channel, value] of bias.entries()) {
    const q = roundHalfToEven(value / scales[scales.length === 1 ? 0 : channel]!);
    data[channel] = Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), q));
  }
  return { data, scales, weightScales: raised, adjusted };
}

/** Smallest and largest element for each index of an axis. @throws AppError BAD_INPUT naming the tensor where one is not finite */
export function channelRanges(values: Float32Array, dims: readonly number[], axis: number, name: string) {
  const channels = dims[axis];
  if (channels === undefined) throw new AppError("BAD_INPUT", `Tensor "${name}" of rank ${dims.length} has no axis ${axis}`);
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const min = new Float64Array(channels).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY);
  for (let from = 0, channel = 0; from < values.length; from += inner, channel = channel + 1 === channels ? 0 : channel + 1) {
    let low = min[channel]!;
    let high = max[channel]!;
    for (let i = from; i < from + inner; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) {
        throw new AppError("BAD_INPUT", `Tensor "${name}" holds ${value}`, {
          hint: "The model's weights must be finite numbers to be quantised.",
        });
      }
      if (value < low) low = value;
      if (value > high) high = value;
    }
    min[channel] = low;
    max[channel] = high;
  }
  if (values.length === 0) {
    min.fill(0);
    max.fill(0);
  }
  return { min, max };
}
