import { z } from "zod";
import type { FrameSize } from "./frame-size.ts";

/** Number formats that a detector may compute in, the widest first. */
export const precisions = ["fp32", "fp16", "int8"] as const;
export const precisionSchema = z.enum(precisions);
export type Precision = z.infer<typeof precisionSchema>;

export interface PrecisionFormat {
  id: Precision;
  name: string;
  bits: number;
  /** Of one element. */
  bytes: number;
  /** Smallest and largest finite value. */
  range: readonly [number, number];
  /** Significant decimal digits, in words. */
  digits: string;
  /** Sign, exponent and fraction (or value) bits. */
  layout: readonly { field: "sign" | "exponent" | "fraction" | "value"; bits: number }[];
}

/** IEEE 754 binary32 and binary16, and two's complement with 8 bits. */
export const precisionFormats: Readonly<Record<Precision, PrecisionFormat>> = {
  fp32: {
    id: "fp32",
    name: "FP32",
    bits: 32,
    bytes: 4,
    range: [-(2 - 2 ** -23) * 2 ** 127, (2 - 2 ** -23) * 2 ** 127],
    digits: "7",
    layout: [
      { field: "sign", bits: 1 },
      { field: "exponent", bits: 8 },
      { field: "fraction", bits: 23 },
    ],
  },
  fp16: {
    id: "fp16",
    name: "FP16",
    bits: 16,
    bytes: 2,
    range: [-65_504, 65_504],
    digits: "3–4",
    layout: [
      { field: "sign", bits: 1 },
      { field: "exponent", bits: 5 },
      { field: "fraction", bits: 10 },
    ],
  },
  int8: {
    id: "int8",
    name: "INT8",
    bits: 8,
    bytes: 1,
    range: [-128, 127],
    digits: "whole numbers",
    layout: [
      { field: "sign", bits: 1 },
      { field: "value", bits: 7 },
    ],
  },
};

/** Bytes of one RGB frame as a tensor: width × height × 3 × bytes of an element. 1080p: 24.9, 12.4, 6.2 MB. */
export function frameBytes({ width, height }: FrameSize, precision: Precision): number {
  return width * height * 3 * precisionFormats[precision].bytes;
}

/** Bytes/s of frames as tensors, 0–∞. */
export function frameBytesPerSecond(size: FrameSize, precision: Precision, framesPerSecond: number): number {
  return frameBytes(size, precision) * framesPerSecond;
}
