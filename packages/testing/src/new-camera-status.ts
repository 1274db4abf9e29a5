import type { CameraStatus, FrameCounters, Percentiles } from "@octet/shared/domain/camera";

export const newFrameCounters = (changes: Partial<FrameCounters> = {}): FrameCounters => ({
  received: 0,
  decoded: 0,
  scaled: 0,
  inferred: 0,
  dropped: 0,
  still: 0,
  detections: 0,
  reconnects: 0,
  ...changes,
});

/** The same at every percentile. */
export const newPercentiles = (ms: number): Percentiles => ({ p50: ms, p95: ms, p99: ms });

/** Online at 25 frames a second, of which five are looked at; nothing counted or timed yet. */
export const newCameraStatus = (changes: Partial<CameraStatus> = {}): CameraStatus => ({
  cameraId: "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10",
  state: "online",
  reason: null,
  since: 0,
  workerId: "w1",
  stream: null,
  streamFps: 25,
  detectFps: 5,
  granted: null,
  counters: newFrameCounters(),
  latency: {},
  model: null,
  modelAlarm: null,
  ...changes,
});
