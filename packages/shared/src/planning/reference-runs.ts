import type { FrameSize } from "./frame-size.ts";
import type { Precision } from "./precision.ts";

/** The published figures of YOLOv5s-face at 640×640 on an A10 ("FP32 vs FP16 vs INT8", capacity and performance tables). */
export const referenceModel = "yolov5s-face";
export const referenceGpu = "a10";
export const REFERENCE_FROM = "FP32 vs FP16 vs INT8 comparison, A10, YOLOv5s-face";

export interface ReferenceRun {
  /** Alone, batch 16: frames/s. */
  engineFps: number;
  /** In a pipeline with decoding and post-processing: frames/s. */
  sustainedFps: number;
  /** Of the engine alone, MB. */
  memoryMegabytes: number;
  watts: number;
}

export const referenceRuns: Readonly<Record<Precision, ReferenceRun>> = {
  fp32: { engineFps: 658, sustainedFps: 200, memoryMegabytes: 1456, watts: 95 },
  fp16: { engineFps: 2623, sustainedFps: 600, memoryMegabytes: 748, watts: 118 },
  int8: { engineFps: 5000, sustainedFps: 1200, memoryMegabytes: 392, watts: 132 },
};

/** Frames of each stream, in the run of as many streams as would hold on the same A10: 1080p cameras, decoded smaller. */
export const runDetectFps = 5;
export const runDecodeSize: FrameSize = { width: 960, height: 540 };

/** What that run held. */
export interface StreamRun {
  precision: Precision;
  streams: number;
  gpuLoad: number;
  memoryGigabytes: number | null;
  latencyMs: number | null;
}

export const streamRuns: readonly StreamRun[] = [
  { precision: "fp32", streams: 18, gpuLoad: 0.95, memoryGigabytes: null, latencyMs: null },
  { precision: "fp16", streams: 52, gpuLoad: 0.93, memoryGigabytes: 22.5, latencyMs: 185 },
  { precision: "int8", streams: 72, gpuLoad: 0.82, memoryGigabytes: 18.3, latencyMs: 156 },
];
