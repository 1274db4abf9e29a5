import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FrameCollector } from "@octet/precision/dataset/frame-collector";
import { datasetPathSchema } from "@octet/shared/domain/dataset";
import type { InferredFrame } from "@octet/shared/domain/detection";
import { type JobPayload, type JobResult, jobDefinitions } from "@octet/shared/domain/job";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ArtifactServer, hashOf } from "../testing/artifact-server.ts";
import { testSettings } from "../testing/test-settings.ts";
import { FrameTap } from "./frame-tap.ts";
import { startCollecting } from "./handlers/collect.ts";

const cameras = [randomUUID(), randomUUID()] as const;

/** Eight by eight patches that differ with the seed. */
function picture(seed: number): Promise<Uint8Array> {
  const patches = Buffer.from(
    Array.from({ length: 64 * 3 }, (_, at) => (Math.imul((at / 3) | 0, 2654435761) ^ Math.imul(seed + 1, 40503)) & 0xff),
  );
  return sharp(patches, { raw: { width: 8, height: 8, channels: 3 } })
    .resize(96, 64, { kernel: "nearest", fit: "fill" })
    .jpeg()
    .toBuffer();
}

function frame(cameraId: string, seconds: number, faces = 0): InferredFrame {
  const face = { box: { x: 0.1, y: 0.1, w: 0.1, h: 0.25 }, score: 0.9, label: "face", landmarks: null, trackId: null };
  return {
    cameraId,
    seq: seconds,
    ptsMs: seconds * 1000,
    capturedAt: 1_700_000_000_000 + seconds * 1000,
    width: 96,
    height: 64,
    detections: Array.from({ length: faces }, () => face),
    stages: { network: 0, decode: 0, queue: 0, preprocess: 0, infer: 0, postprocess: 0, publish: 0 },
  };
}

const payload = (more: Partial<JobPayload<"collect">> = {}): JobPayload<"collect"> =>
  jobDefinitions.collect.payload.parse({ cameraIds: [...cameras], everySeconds: 10, forSeconds: 60, maxImages: 100, ...more });

function collector(
  more: Partial<JobPayload<"collect">> = {},
  upload?: (jpeg: Uint8Array) => Promise<{ sha256: string; sizeBytes: number }>,
) {
  const failures: unknown[] = [];
  const made = new FrameCollector({
    payload: payload(more),
    upload: upload ?? (async (jpeg) => ({ sha256: hashOf(jpeg), sizeBytes: jpeg.length })),
    onPicture: () => {},
    onLog: () => {},
    onFailure: (error) => failures.push(error),
  });
  return { made, failures };
}
const places = ({ images }: JobResult<"collect">) =>
  images.map(({ cameraId, capturedAt }) => [
    cameras.indexOf(cameraId as (typeof cameras)[0]),
    (capturedAt!.getTime() - 1_700_000_000_000) / 1000,
  ]);

describe("FrameCollector", () => {
  it("spreads images over the light: rare light takes the place of common light, to the end", async () => {
    const { made } = collector({ everySeconds: 1, maxImages: 4, spread: "light", minHashDistance: 0 });
    const lit = (luma: number): Promise<Uint8Array> =>
      sharp({ create: { width: 96, height: 64, channels: 3, background: { r: luma, g: luma, b: luma } } })
        .jpeg()
        .toBuffer();
    for (const [second, luma] of [200, 201, 202, 203, 204, 20, 120, 21].entries()) {
      made.offer(frame(cameras[0], second), () => lit(luma));
      await made.settled();
    }
    expect(made.full).toBe(false);
    const { images, seen } = await made.finish();
    expect(seen).toBe(8);
    expect(images.map(({ brightness }) => Math.round(brightness))).toEqual([200, 202, 20, 120]);
  });

  it("takes one frame of each camera every so often, at the time that it was captured", async () => {
    const { made } = collector();
    for (let second = 0; second < 25; second++)
      for (const [index, camera] of [...cameras, randomUUID()].entries())
        made.offer(frame(camera, second, index), () => picture(second * 3 + index));
    const result = await made.finish();
    expect(places(result)).toEqual(
      [0, 10, 20].flatMap((second) => [
        [0, second],
        [1, second],
      ]),
    );
    expect(result).toMatchObject({ seen: 6, duplicates: 0 });
    const [first, second] = result.images;
    expect(first).toMatchObject({
      path: `images/${cameras[0]}/2023-11-14T22-13-20.000Z.jpg`,
      width: 96,
      height: 64,
      faces: 0,
      faceSizes: [],
    });
    expect(second).toMatchObject({ faces: 1, faceSizes: [0.25], boxes: [expect.any(Number), expect.any(Number), expect.any(Number), 2500] });
    expect(datasetPathSchema.parse(first!.path)).toBe(first!.path);
  });

  it.each([
    ["with", [1, 11]],
    ["without", [0, 10]],
  ] as const)("waits for a frame %s faces", async (faces, seconds) => {
    const { made } = collector({ faces });
    for (let second = 0; second < 20; second++) made.offer(frame(cameras[0], second, second % 2), () => picture(second));
    expect(places(await made.finish())).toEqual(seconds.map((second) => [0, second]));
  });

  it("leaves out what looks like one before, and stops at the number that was asked for", async () => {
    const { made } = collector({ everySeconds: 1, maxImages: 3 });
    for (const [second, seed] of [1, 1, 2, 1, 3, 4].entries()) {
      made.offer(frame(cameras[0], second), () => picture(seed));
      await made.finish();
    }
    const result = await made.finish();
    expect(places(result)).toEqual([
      [0, 0],
      [0, 2],
      [0, 4],
    ]);
    expect(result).toMatchObject({ seen: 5, duplicates: 2 });
    expect(made.full).toBe(true);
  });

  it("tries the next frame where one was gone already", async () => {
    const { made } = collector();
    made.offer(frame(cameras[0], 0), async () => null);
    await made.finish();
    made.offer(frame(cameras[0], 1), () => picture(1));
    expect(places(await made.finish())).toEqual([[0, 1]]);
  });

  it("passes frames over while too many wait to be sent, and says once that they cannot be", async () => {
    let asked = 0;
    const { made, failures } = collector({ everySeconds: 0.2 }, () => Promise.reject(new Error("gone")));
    for (let second = 0; second < 100; second++) {
      made.offer(frame(cameras[0], second), () => {
        asked++;
        return picture(second);
      });
    }
    await made.finish();
    expect(asked).toBe(16);
    expect(failures).toHaveLength(1);
  });
});

describe("startCollecting", () => {
  let home: string;
  let server: ArtifactServer;
  beforeEach(async () => {
    home = mkdtempSync(path.join(tmpdir(), "octet-collect-"));
    server = await ArtifactServer.start();
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });
  const begin = (more: Partial<JobPayload<"collect">>, tap: FrameTap) => {
    const settings = testSettings({ url: server.url, home });
    return startCollecting(payload(more), tap, settings, { onProgress: () => {}, onLog: () => {} });
  };
  /** The job listens once its files' folder is ready. */
  const offering = (tap: FrameTap): (() => void) => {
    let second = 0;
    const timer = setInterval(() => tap.offer(frame(cameras[0], second++)), 5);
    return () => clearInterval(timer);
  };

  it("ends with what it has sent when there is enough of it", async () => {
    const tap = new FrameTap((_, seq) => picture(seq));
    const stop = offering(tap);
    const outcome = await begin({ everySeconds: 1, maxImages: 3 }, tap).ended;
    stop();
    expect(outcome.state).toBe("done");
    const { images } = (outcome as { result: JobResult<"collect"> }).result;
    expect(images).toHaveLength(3);
    for (const { sha256, sizeBytes } of images) expect(server.files.get(sha256)?.length).toBe(sizeBytes);
  });

  it("says where no camera gave a frame, and is stopped at any time", async () => {
    const tap = new FrameTap(() => picture(1));
    expect(await begin({ forSeconds: 1 }, tap).ended).toMatchObject({ state: "failed", error: { code: "WORKER_UNAVAILABLE" } });
    const { ended, cancel } = begin({}, tap);
    cancel();
    expect(await ended).toEqual({ state: "cancelled" });
  });

  it("fails with what the server says", async () => {
    server.answer = () => ({ status: 403, body: JSON.stringify({ error: { code: "FORBIDDEN", message: "no" } }) });
    const tap = new FrameTap((_, seq) => picture(seq));
    const stop = offering(tap);
    const outcome = await begin({ everySeconds: 1 }, tap).ended;
    stop();
    expect(outcome).toMatchObject({ state: "failed", error: { code: "FORBIDDEN" } });
  });
});
