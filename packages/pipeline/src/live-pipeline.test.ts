import type { MediaHost } from "@octet/media/media-host";
import type { SampledFrame, SourceHandle, SourceListener } from "@octet/media/source-types";
import { monotonicMs } from "@octet/shared/monotonic";
import { planResize } from "@octet/vision/letterbox/letterbox";
import type { DetectorSpec, RawDetections } from "@octet/vision/models/family";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LiveModel } from "./lane.ts";
import type { LiveCameraConfig } from "./live-camera.ts";
import { LivePipeline } from "./live-pipeline.ts";

const SIDE = 64;

/** A model that finds a person and a car in any picture, the car where it is told to. */
function modelOf(id: string, carAt: number): LiveModel {
  const raw: RawDetections = {
    count: 2,
    boxes: Float32Array.of(carAt, 32, carAt + 8, 40, 0, 0, 16, 16),
    scores: Float32Array.of(0.9, 0.8),
    landmarks: null,
    classes: Uint16Array.of(1, 0),
  };
  const detector: DetectorSpec = {
    family: "yolov8",
    labels: ["person", "car"],
    input: {
      ...{ name: "images", width: SIDE, height: SIDE, maxBatch: 1, channels: "rgb", resize: "stretch" },
      ...{ padValue: 0, mean: 0, scale: 1 },
    },
    decode: () => raw,
  };
  const run = async (frames: Uint8Array[]) => ({
    ...{ outputs: {}, returned: frames, startedAt: monotonicMs(), preprocessMs: 0, inferMs: 1, handOverMs: 0, waitMs: 0 },
    release: () => {},
  });
  return { id, detector, maxBatch: 1, pool: { size: 1, capacity: 1, run } as unknown as LiveModel["pool"] };
}

const newFrame = (seq: number, ageMs = 0): SampledFrame => ({
  ...{ seq, ptsMs: seq * 200, capturedAt: Date.now() - ageMs, networkMs: 0, width: SIDE, height: SIDE, decodeMs: 0, scaleMs: 0 },
  readyAt: monotonicMs(),
  plan: planResize({ srcWidth: SIDE, srcHeight: SIDE, dstWidth: SIDE, dstHeight: SIDE, mode: "stretch" }),
  data: new Uint8Array(3 * SIDE * SIDE),
  preview: null,
});

const handle: SourceHandle = {
  setPreview: () => {},
  setVideo: () => {},
  update: () => {},
  recycle: () => {},
  crop: async () => null,
  picture: async () => null,
  release: () => {},
  close: async () => {},
};

const config: LiveCameraConfig = { id: "a", epoch: 1, url: "file:a.mp4", transport: "tcp", detectFps: 5, confidence: 0.5 };

describe("classes of a camera", () => {
  const listeners: SourceListener[] = [];
  const closed = vi.fn(async () => {});
  const released: number[] = [];
  const shown: string[][] = [];
  const recorded: string[][] = [];
  const errors: unknown[] = [];
  let seq = 0;

  const labels = (detections: readonly { label: string }[]) => detections.map(({ label }) => label);
  const pipeline = () =>
    new LivePipeline({
      workerId: "w",
      model: modelOf("own", 32),
      media: {
        open: (_, listener: SourceListener): SourceHandle => {
          listeners.push(listener);
          return { ...handle, release: (frame) => void released.push(frame), close: closed };
        },
      } as MediaHost,
      onFrame: ({ detections }) => void shown.push(labels(detections)),
      onDetections: ({ detections }) => void recorded.push(labels(detections)),
      onVideo: () => {},
      onShadowExample: () => {},
      onError: (error) => void errors.push(error),
      latencyBudgetMs: 60_000,
    });

  /** Has one frame looked at, to the end: by then nobody holds it. */
  async function look(): Promise<void> {
    const frame = newFrame(++seq);
    listeners.at(-1)!.onFrame(frame);
    await vi.waitUntil(() => released.includes(frame.seq), { timeout: 10_000, interval: 1 });
    expect(errors).toEqual([]);
  }

  afterEach(() => {
    for (const list of [listeners, released, shown, recorded]) list.length = 0;
    closed.mockClear();
  });

  it("are all that it shows, counts and records; others apply from the next frame on, and the source stays open", async () => {
    const live = pipeline();
    await live.setCameras([{ ...config, classes: ["Person"] }]);
    await look();
    await live.setCameras([{ ...config, classes: ["car", "dog"] }]);
    await look();
    await live.setCameras([{ ...config, classes: ["dog"] }]);
    await look();
    await live.setCameras([config]);
    await look();
    expect(shown).toEqual([["person"], ["car"], [], ["car", "person"]]);
    expect(recorded).toEqual([["person"], ["car"], ["car", "person"]]);
    expect(live.totalsSnapshot().detections).toBe(4);
    expect([listeners.length, closed.mock.calls.length]).toEqual([1, 0]);
    await live.close();
  });

  it("are all that its shadow is compared on", async () => {
    const live = pipeline();
    const shadow = { model: modelOf("shadow", 8), share: 1, promotionId: "p" };
    await live.setCameras([{ ...config, classes: ["person"], shadow }]);
    await look();
    expect(live.shadowReports()).toMatchObject([{ frames: 1, matched: 1, onlyActive: 0, onlyShadow: 0 }]);
    await live.setCameras([{ ...config, shadow }]);
    await look();
    expect(live.shadowReports()).toMatchObject([{ frames: 2, matched: 2, onlyActive: 1, onlyShadow: 1 }]);
    await live.close();
  });
});

describe("a camera's latency budget", () => {
  it("puts its frame before others' that may take longer, and is its worker's again where it names none", async () => {
    const model = modelOf("own", 32);
    const { run } = model.pool;
    const ends: (() => void)[] = [];
    model.pool.run = async (...given: Parameters<typeof run>) => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return run(...given);
    };
    const listeners: SourceListener[] = [];
    const done: string[] = [];
    const live = new LivePipeline({
      workerId: "w",
      model,
      media: {
        open: (_, listener: SourceListener) => {
          listeners.push(listener);
          return handle;
        },
      } as MediaHost,
      onFrame: ({ cameraId }) => void done.push(cameraId),
      onDetections: () => {},
      onVideo: () => {},
      onShadowExample: () => {},
      onError: (error) => void done.push(String(error)),
      latencyBudgetMs: 60_000,
    });
    const cameras = ["busy", "patient", "hasty"].map((id) => ({ ...config, id }));
    const order = async (): Promise<string[]> => {
      done.length = 0;
      // The first one takes the only session; the others wait for it, each younger than the one before.
      for (const [at, listener] of listeners.entries()) listener.onFrame(newFrame(0, 300 - 100 * at));
      for (let ended = 1; ended <= cameras.length; ended++) {
        await vi.waitUntil(() => ends.length > 0, { timeout: 10_000, interval: 1 });
        ends.shift()!();
        await vi.waitUntil(() => done.length === ended, { timeout: 10_000, interval: 1 });
      }
      return [...done];
    };
    await live.setCameras(cameras.map((camera) => (camera.id === "hasty" ? { ...camera, latencyBudgetMs: 10_000 } : camera)));
    expect(await order()).toEqual(["busy", "hasty", "patient"]);
    await live.setCameras(cameras);
    expect(await order()).toEqual(["busy", "patient", "hasty"]);
    await live.close();
  });
});
