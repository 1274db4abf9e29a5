import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MediaHost } from "@octet/media/media-host";
import { probeStream } from "@octet/media/probe-stream";
import { SourceRecorder } from "@octet/media/source-recorder";
import type { SourceOptions } from "@octet/media/source-types";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { RtspServer } from "./rtsp-server.ts";
import { writeTestClip } from "./test-clip.ts";

const PASSWORD = "p@ss:w0rd";
let root = "";
let host: MediaHost;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "octet-rtsp-")));
  await writeTestClip(join(root, "clip.mp4"), 2);
  host = await MediaHost.create({ threads: 1, mediaRoot: root });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
afterAll(async () => {
  await host?.close();
  rmSync(root, { recursive: true, force: true });
});

async function serve(more: { port?: number; credentials?: { username: string; password: string } } = {}): Promise<RtspServer> {
  const server = await RtspServer.start({ streams: [{ name: "cam", file: join(root, "clip.mp4") }], ...more });
  cleanups.push(() => server.stop());
  return server;
}

function open(url: string, more: Partial<SourceOptions> = {}) {
  const recorder = new SourceRecorder();
  const handle = host.open(
    {
      id: "camera",
      url,
      transport: "tcp",
      detectFps: 10,
      target: { width: 160, height: 160, resize: "letterbox", padValue: 114, channels: "rgb" },
      backoff: { minMs: 100, maxMs: 300 },
      ...more,
    },
    recorder,
  );
  recorder.handle = handle;
  cleanups.push(() => handle.close());
  return { recorder, handle };
}

it.each(["tcp", "udp"] as const)("receives and samples a camera over %s, across the clip's loops", async (transport) => {
  const server = await serve();
  const { recorder } = open(server.url("cam"), { transport });
  // The clip is 2 s long: 30 samples at 10 a second lie beyond its end.
  await recorder.until("it ran past the loop", () => recorder.frames.length >= 30);
  expect(recorder.states.filter((state) => state.state === "online")[0]!.stream).toMatchObject({
    codec: "h264",
    width: 320,
    height: 240,
    decoder: "software",
  });
  const gaps = () => recorder.frames.slice(1).map(({ ptsMs }, i) => ptsMs - recorder.frames[i]!.ptsMs);
  expect(Math.min(...gaps())).toBeGreaterThanOrEqual(79);
  // On a busy host this listener may be late; then frames are skipped, and counted: nothing else may be missing.
  const missing = () => gaps().reduce((sum, gap) => sum + Math.max(0, Math.floor(gap / 100) - 1), 0);
  await recorder.until("what is missing was counted as skipped", () => missing() <= (recorder.counters?.skipped ?? 0));
  expect(recorder.frames.at(-1)!.capturedAt).toBeLessThanOrEqual(Date.now());
  expect(recorder.counters).toMatchObject({ corrupt: 0, reconnects: 0 });
});

it("goes offline with the reason when the camera dies, and comes back with it", async () => {
  const server = await serve();
  const { recorder } = open(server.url("cam"));
  await recorder.until("frames arrive", () => recorder.frames.length >= 3);
  await server.kill();
  await recorder.until("it is offline", () => recorder.state === "offline");
  expect(recorder.errorCode).toBe("CAMERA_STREAM_ENDED");
  await recorder.until("it was refused", () => recorder.errorCode === "CAMERA_REFUSED");
  const before = recorder.frames.at(-1)!;
  await serve({ port: server.port });
  await recorder.until("it is online again", () => recorder.state === "online" && recorder.frames.at(-1)!.seq > before.seq + 3);
  expect(recorder.frames.at(-1)!.ptsMs).toBeGreaterThan(before.ptsMs);
  await recorder.until("it is counted", () => (recorder.counters?.reconnects ?? 0) > 0);
});

it("says that a password is wrong, and never repeats it", async () => {
  const server = await serve({ credentials: { username: "admin", password: PASSWORD } });
  const url = (password: string) => server.url("cam").replace("rtsp://", `rtsp://admin:${encodeURIComponent(password)}@`);
  const { recorder } = open(url("topsecret"), { backoff: {} });
  await recorder.until("it is offline", () => recorder.state === "offline");
  expect(recorder.errorCode).toBe("CAMERA_UNAUTHORIZED");
  expect(recorder.states.at(-1)!.retryInMs).toBeGreaterThan(20_000);
  expect(JSON.stringify(recorder.states)).not.toContain("topsecret");
  const probe = probeStream({ url: url("topsecret"), transport: "tcp", mediaRoot: root });
  await expect(probe).rejects.toMatchObject({ code: "CAMERA_UNAUTHORIZED", message: expect.not.stringContaining("topsecret") });
  const { recorder: good } = open(url(PASSWORD));
  await good.until("frames arrive", () => good.frames.length > 0);
});

it("gives up a stream that falls silent, and opens it anew", async () => {
  const server = await serve();
  const { recorder } = open(server.url("cam"), { watchdogMs: 500 });
  await recorder.until("frames arrive", () => recorder.frames.length >= 3);
  server.setStalled("cam", true);
  await recorder.until("it is offline", () => recorder.state === "offline");
  expect(recorder.errorCode).toBe("CAMERA_STALLED");
  server.setStalled("cam", false);
  const seq = recorder.frames.at(-1)!.seq;
  await recorder.until("it is back", () => recorder.state === "online" && recorder.frames.at(-1)!.seq > seq);
});

/** The clip with its index in front, as recorders for the web write it, cut off after `share` of its pictures. */
function writeCutClip(path: string, share: number): void {
  const clip = readFileSync(join(root, "clip.mp4"));
  const boxes = new Map<string, Buffer>();
  for (let at = 0; at < clip.length; at += clip.readUInt32BE(at)) {
    const box = clip.subarray(at, at + clip.readUInt32BE(at));
    boxes.set(box.toString("latin1", 4, 8), Buffer.from(box));
  }
  const [ftyp, moov, mdat] = [boxes.get("ftyp")!, boxes.get("moov")!, boxes.get("mdat")!];
  // Chunk offsets count from the start of the file.
  const shift = ftyp.length + moov.length - clip.indexOf("mdat") + 4;
  const table = moov.indexOf("stco") + 8;
  for (let i = 0; i < moov.readUInt32BE(table); i++) {
    const at = table + 4 + i * 4;
    moov.writeUInt32BE(moov.readUInt32BE(at) + shift, at);
  }
  writeFileSync(path, Buffer.concat([ftyp, moov, mdat.subarray(0, Math.round(mdat.length * share))]));
}

it("says that a recording is cut off, after all that can be read of it", async () => {
  writeCutClip(join(root, "whole.mp4"), 1);
  writeCutClip(join(root, "cut.mp4"), 0.2);
  const { recorder: whole } = open("file:whole.mp4", { realtime: false });
  await whole.until("it ended", () => whole.state === "ended");
  expect(whole.states.at(-1)!.error).toBeNull();
  const { recorder: cut } = open("file:cut.mp4", { realtime: false });
  await cut.until("it ended", () => cut.state === "ended");
  expect(cut.frames.length).toBeGreaterThan(0);
  expect(cut.frames.length).toBeLessThan(whole.frames.length);
  expect(cut.states.at(-1)!.error).toMatchObject({ code: "CAMERA_STREAM_ENDED", message: expect.stringContaining("cut off") });
});

it("says that a server has no such stream", async () => {
  const server = await serve();
  const { recorder } = open(server.url("nope"));
  await recorder.until("it is offline", () => recorder.state === "offline");
  expect(recorder.errorCode).toBe("CAMERA_NOT_FOUND_ON_SERVER");
});

it("forwards packets that begin with a key frame and its parameter sets", async () => {
  const server = await serve();
  const { recorder, handle } = open(server.url("cam"));
  await recorder.until("frames arrive", () => recorder.frames.length >= 5);
  handle.setVideo(true);
  await recorder.until("packets arrive", () => recorder.chunks.length >= 3);
  const first = recorder.chunks[0]!;
  expect(first).toMatchObject({ description: null, width: 320, height: 240, codec: expect.stringMatching(/^avc1\.[0-9a-f]{6}$/i) });
  const packet = first.packets[0]!;
  expect(packet.key).toBe(true);
  // Annex B: a start code, then the SPS (type 7).
  const start = packet.data.findIndex((byte, i) => byte === 1 && packet.data[i - 1] === 0 && packet.data[i - 2] === 0);
  expect(packet.data[start + 1]! & 0x1f).toBe(7);
});

it("probes a camera: codec, size, rate, group of pictures, picture", async () => {
  const server = await serve();
  const probe = await probeStream({ url: server.url("cam"), transport: "tcp", mediaRoot: root });
  expect(probe).toMatchObject({ codec: "h264", width: 320, height: 240, fps: 25, gop: 50, hasAudio: false });
  expect([...probe.snapshot!.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
});

it("answers a probe in time, whatever the camera does", async () => {
  const server = await serve();
  server.setStalled("cam", true);
  const startedAt = performance.now();
  await expect(probeStream({ url: server.url("cam"), transport: "tcp", mediaRoot: root, timeoutMs: 1500 })).rejects.toMatchObject({
    code: "CAMERA_TIMEOUT",
  });
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

it("leaks nothing over two hundred reopenings", async () => {
  const server = await serve();
  const cycle = async () => {
    const { recorder, handle } = open(server.url("cam"));
    await recorder.until("a frame came", () => recorder.frames.length > 0);
    await handle.close();
    cleanups.pop();
  };
  const rss = () => process.memoryUsage.rss() / 2 ** 20;
  for (let i = 0; i < 60; i++) await cycle();
  const before = rss();
  for (let i = 0; i < 200; i++) await cycle();
  expect(rss() - before, "MB grown").toBeLessThan(60);
  expect(server.connections).toBeLessThanOrEqual(1);
});
