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

/** Streams that are alike. */
export interface Traffic {
  streams: number;
  fps: number;
  detectFps: number;
  /** Size of the stream as the decoder gets it. */
  coded: FrameSize;
  /** Size of the frames that are made of it. */
  decoded: FrameSize;
}

/** Every stream's frames are decoded; those that are due are converted and inferred. */
export function bandwidthUse(model: DetectorCost, precision: Precision, batch: number, traffic: readonly Traffic[]): BandwidthUse {
  const { bytes } = precisionFormats[precision];
  const perImage = 2 * model.layerElements.value * bytes + (model.parameters.value * bytes) / batch;
  const parts = { decode: 0, convert: 0, infer: 0 };
  for (const { streams, fps, detectFps, coded, decoded } of traffic) {
    const due = streams * detectFps;
    parts.decode += streams * fps * DECODE_PASSES * NV12_BYTES * pixels(coded);
    parts.convert += due * (NV12_BYTES * pixels(coded) + 2 * frameBytes(decoded, precision));
    parts.infer += due * perImage;
  }
  return { ...parts, total: parts.decode + parts.convert + parts.infer };
}
