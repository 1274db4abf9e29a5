import { randomUUID } from "node:crypto";
import type { CameraStatus } from "@octet/shared/domain/camera";
import { newHello, newHostReport } from "@octet/testing/new-worker";

/** Milliseconds since 1970, with fractions: two processes of one host agree to well under a millisecond. */
export const now = (): number => performance.timeOrigin + performance.now();

/** One detection in this many is a track's first good look, with a picture of the object. */
export const THUMBNAIL_EVERY = 25;
export const THUMBNAIL_BYTES = 2500;
/** A wall's small JPEG. */
export const PREVIEW_BYTES = 8000;

/** JPEG data does not compress: neither do these bytes. Deterministic. */
function bytes(length: number): Buffer {
  const made = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    made[i] = state >>> 16;
  }
  return made;
}
const preview = bytes(PREVIEW_BYTES);
const thumbnail = bytes(THUMBNAIL_BYTES);

const face = (n: number) => ({
  box: { x: 0.1234567 + (n % 7) / 10, y: 0.2345678, w: 0.0812345, h: 0.1123456 },
  score: 0.8765432,
  label: "face",
  landmarks: [0.14123, 0.25234, 0.17345, 0.25456, 0.15567, 0.27678, 0.14789, 0.2989, 0.16901, 0.29912],
  trackId: n % 1000,
});
const stages = { network: 2.34, decode: 3.21, queue: 1.23, preprocess: 0.57, infer: 12.34, postprocess: 0.89, publish: 0.12 };

/** What a worker sends of a watched camera's frame: one face with its landmarks. */
export const frame = (cameraId: string, seq: number, withPreview: boolean) => ({
  ...{ cameraId, seq, ptsMs: seq * 200, capturedAt: now(), width: 1920, height: 1080, detections: [face(seq)], stages },
  preview: withPreview ? preview : null,
});

/** The same frame on its way to the database: a row. */
export const record = (cameraId: string, seq: number, workerId: string, epoch: number) => ({
  ...{ cameraId, seq, ptsMs: seq * 200, capturedAt: Date.now(), width: 1920, height: 1080, detections: [face(seq)], stages },
  ...{ frameId: randomUUID(), workerId, modelId: "m".repeat(64), epoch },
  thumbnails: seq % THUMBNAIL_EVERY === 0 ? [{ index: 0, jpeg: thumbnail }] : [],
});

const latency = { p50: 12.3, p95: 23.4, p99: 34.5 };
const stageNames = ["network", "decode", "queue", "preprocess", "infer", "postprocess", "publish", "total"];
export const status = (cameraId: string, workerId: string, seq: number): CameraStatus => ({
  ...{ cameraId, workerId, state: "online" as const, reason: null, granted: null, since: 1_700_000_000_000, streamFps: 25, detectFps: 5 },
  stream: { codec: "h264", width: 1920, height: 1080, fps: 25, decoder: "software" },
  counters: { received: seq * 5, decoded: seq * 2, scaled: seq, inferred: seq, still: 0, dropped: 0, detections: seq, reconnects: 0 },
  latency: Object.fromEntries(stageNames.map((name) => [name, latency])),
  ...{ model: "m".repeat(64), modelAlarm: null },
});

export const telemetry = (cameras: object[], seq: number) => ({
  cameras,
  load: {
    ...{ cpuPercent: 90, rssBytes: 5e8, cameras: cameras.length, decodedPerSecond: 9, inferredPerSecond: 9, queued: 0, inferBusy: 0.5 },
    capacity: { detectionsPerSecond: 1e6, pixelsPerSecond: 1e13, memoryBytes: 1e13, sharedCores: false },
    spool: { records: 0, bytes: 0, lostRecords: 0 },
  },
  totals: { framesDecoded: seq, framesInferred: seq, framesDropped: 0, detections: seq },
  stages: stageNames.map((stage) => ({ stage, counts: Array.from({ length: 17 }, () => seq), sum: seq })),
  shadows: [],
});

export const hello = (workerId: string) =>
  newHello(workerId, {
    bootId: randomUUID(),
    version: "bench",
    host: newHostReport({ hostname: workerId, cpuCores: 64, memoryBytes: 1e13 }),
  });
