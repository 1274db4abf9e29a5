import { AppError } from "@octet/shared/errors";
import { roundHalfToEven } from "@octet/shared/rounding";
import { asymmetricParams } from "./quant-params.ts";
import { quantizeLinear } from "./quantize.ts";

/**
 * The integer operators of the ONNX specification, written to be read, not to be fast: what the emitters' models must
 * come to, and what runtimes are held against. Sums are exact (int32, as the specification has it).
 */
export interface IntTensor {
  dims: readonly number[];
  data: Uint8Array | Int8Array | Int32Array;
}

export interface ConvAttributes {
  /** Begin of each spatial axis, then end of each. Default all 0. */
  pads?: readonly number[];
  strides?: readonly number[];
  dilations?: readonly number[];
  group?: number;
}

type ZeroPoints = ArrayLike<number> | undefined;

/** ConvInteger in two dimensions: x [N, C, H, W], w [M, C/group, kH, kW] → int32 [N, M, H', W']. Padding is the zero point. */
export function convInteger(x: IntTensor, w: IntTensor, xZero = 0, wZeros?: ZeroPoints, attributes: ConvAttributes = {}): IntTensor {
  const [batch, channels, height, width] = rank4(x);
  const [outChannels, groupChannels, kernelH, kernelW] = rank4(w);
  const { group = 1, pads = [0, 0, 0, 0], strides = [1, 1], dilations = [1, 1] } = attributes;
  if (groupChannels * group !== channels || outChannels % group !== 0) {
    throw new AppError(
      "BAD_INPUT",
      `A convolution of ${group} groups cannot take ${channels} channels with weights [${w.dims.join(", ")}]`,
    );
  }
  const outH = Math.floor((height + pads[0]! + pads[2]! - dilations[0]! * (kernelH - 1) - 1) / strides[0]!) + 1;
  const outW = Math.floor((width + pads[1]! + pads[3]! - dilations[1]! * (kernelW - 1) - 1) / strides[1]!) + 1;
  const data = new Int32Array(batch * outChannels * outH * outW);
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let m = 0; m < outChannels; m++) {
      const firstChannel = Math.floor(m / (outChannels / group)) * groupChannels;
      const wZero = zeroPointOf(wZeros, m);
      for (let oy = 0; oy < outH; oy++) {
        for (let ox = 0; ox < outW; ox++) {
          let sum = 0;
          for (let c = 0; c < groupChannels; c++) {
            for (let ky = 0; ky < kernelH; ky++) {
              const y = oy * strides[0]! - pads[0]! + ky * dilations[0]!;
              if (y < 0 || y >= height) continue;
              for (let kx = 0; kx < kernelW; kx++) {
                const left = ox * strides[1]! - pads[1]! + kx * dilations[1]!;
                if (left < 0 || left >= width) continue;
                const value = x.data[((n * channels + firstChannel + c) * height + y) * width + left]! - xZero;
                sum += value * (w.data[((m * groupChannels + c) * kernelH + ky) * kernelW + kx]! - wZero);
              }
            }
          }
          data[at++] = sum;
        }
      }
    }
  }
  return { dims: [batch, outChannels, outH, outW], data };
}

export interface Requantisation {
  xScale: number;
  wScales: ArrayLike<number>;
  yScale: number;
  yZero: number;
  dataType: "uint8" | "int8";
}

/** QLinearConv: the sums plus the int32 bias, times xScale·wScale/yScale, rounded half to even, plus the zero point, saturated. */
export function qLinearConv(
  x: IntTensor,
  w: IntTensor,
  scales: Requantisation,
  zeros: { x: number; w?: ZeroPoints },
  bias?: Int32Array,
  attributes: ConvAttributes = {},
): IntTensor {
  const sums = convInteger(x, w, zeros.x, zeros.w, attributes);
  const [, channels, height, width] = rank4(sums);
  const channelOf = (at: number) => Math.floor(at / (height * width)) % channels;
  const data = sums.data as Int32Array;
  if (bias) for (let at = 0; at < data.length; at++) data[at]! += bias[channelOf(at)]!;
  return { dims: sums.dims, data: requantise(data, scales, channelOf) };
}

/** MatMulInteger: a [..., M, K] × b [..., K, N] → int32; both have the same leading axes, or b has none. */
export function matMulInteger(a: IntTensor, b: IntTensor, aZeros?: ZeroPoints, bZeros?: ZeroPoints): IntTensor {
  const [m, k] = [a.dims.at(-2) ?? 1, a.dims.at(-1) ?? 1];
  const n = b.dims.at(-1) ?? 1;
  if (b.dims.at(-2) !== k) throw new AppError("BAD_INPUT", `[${a.dims.join(", ")}] cannot be multiplied with [${b.dims.join(", ")}]`);
  const leading = a.dims.slice(0, -2);
  const batch = leading.reduce((product, dim) => product * dim, 1);
  const stepB = b.dims.length > 2 ? k * n : 0;
  const data = new Int32Array(batch * m * n);
  for (let i = 0; i < batch; i++) {
    for (let row = 0; row < m; row++) {
      const aZero = zeroPointOf(aZeros, row);
      for (let column = 0; column < n; column++) {
        const bZero = zeroPointOf(bZeros, column);
        let sum = 0;
        for (let at = 0; at < k; at++) {
          sum += (a.data[(i * m + row) * k + at]! - aZero) * (b.data[i * stepB + at * n + column]! - bZero);
        }
        data[(i * m + row) * n + column] = sum;
      }
    }
  }
  return { dims: [...leading, m, n], data };
}

/** QLinearMatMul with one scale for `a`, and one or one a column for `b` (`wScales`). */
export function qLinearMatMul(a: IntTensor, b: IntTensor, scales: Requantisation, zeros: { x: number; w?: ZeroPoints }): IntTensor {
  const sums = matMulInteger(a, b, [zeros.x], zeros.w);
  const n = sums.dims.at(-1) ?? 1;
  return { dims: sums.dims, data: requantise(sums.data as Int32Array, scales, (at) => at % n) };
}

/** DynamicQuantizeLinear: uint8 with the range of the tensor itself, extended to hold 0. */
export function dynamicQuantizeLinear(x: Float32Array): { data: Uint8Array; scale: number; zeroPoint: number } {
  let min = 0;
  let max = 0;
  for (const value of x) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const params = asymmetricParams(min, max);
  return { data: quantizeLinear(x, params) as Uint8Array, scale: params.scale, zeroPoint: params.zeroPoint };
}

function requantise(sums: Int32Array, { xScale, wScales, yScale, yZero, dataType }: Requantisation, channelOf: (at: number) => number) {
  const [low, high] = dataType === "uint8" ? [0, 255] : [-128, 127];
  const data = dataType === "uint8" ? new Uint8Array(sums.length) : new Int8Array(sums.length);
  for (const [at, sum] of sums.entries()) {
    const wScale = wScales[wScales.length === 1 ? 0 : channelOf(at)]!;
    const q = roundHalfToEven((sum * xScale * wScale) / yScale) + yZero;
    data[at] = Math.min(high, Math.max(low, q));
  }
  return data;
}

function zeroPointOf(zeros: ZeroPoints, at: number): number {
  return zeros?.[zeros.length === 1 ? 0 : at] ?? 0;
}

function rank4({ dims }: IntTensor): [number, number, number, number] {
  if (dims.length !== 4) throw new AppError("BAD_INPUT", `A tensor of rank 4 was expected, not [${dims.join(", ")}]`);
  return dims as unknown as [number, number, number, number];
}
