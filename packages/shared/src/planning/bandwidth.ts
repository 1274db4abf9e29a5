import type { DetectorCost } from "./detector-catalogue.ts";
import { type FrameSize, pixels } from "./frame-size.ts";
import { frameBytes, type Precision, precisionFormats } from "./precision.ts";

const NV12_BYTES = 1.5;
/** A picture is written once, and two references are read for it. */
const DECODE_PASSES = 3;
/** Share of the peak that mixed reads and writes reach. */
export const REACHABLE_BANDWIDTH = 0.8;

/** Bytes/s of device memory, by what moves them. */
export interface BandwidthUse {
  decode: number;
  /** NV12 to tensors, and tensors to the model's input. */
  convert: number;
  infer: number;
  total: number;
}

export interface Traffic {
  batch: number;
  streams: number;
  fps: number;
  detectFps: number;
  /** Size of the stream as the decoder gets it. */
  coded: FrameSize;
  /** Size of the frames that are made of it. */
  decoded: FrameSize;
}

/** Every stream's frames are decoded; those that are due are converted and inferred. */
export function bandwidthUse(
  model: DetectorCost,
  precision: Precision,
  { batch, streams, fps, detectFps, coded, decoded }: Traffic,
): BandwidthUse {
  const { bytes } = precisionFormats[precision];
  const due = streams * detectFps;
  const parts = {
    decode: streams * fps * DECODE_PASSES * NV12_BYTES * pixels(coded),
    convert: due * (NV12_BYTES * pixels(coded) + 2 * frameBytes(decoded, precision)),
    infer: due * (2 * model.layerElements.value * bytes + (model.parameters.value * bytes) / batch),
  };
  return { ...parts, total: parts.decode + parts.convert + parts.infer };
}
