import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { AV_LOG_QUIET, AV_PIX_FMT_YUV420P } from "node-av/constants";
import { Log, Packet } from "node-av/lib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ClipEncoder } from "./clip-encoder.ts";
import { type CopyRange, copyFrames } from "./copy-frames.ts";
import { MediaInput } from "./media-input.ts";
import { VideoDecoder } from "./video-decoder.ts";
import { frameFromPixels } from "./video-frame.ts";

const LUMAS = [40, 80, 120, 160, 200];
let folder: string;
let file: string;

beforeAll(async () => {
  Log.setLevel(AV_LOG_QUIET);
  folder = mkdtempSync(path.join(tmpdir(), "octet-copy-"));
  file = path.join(folder, "five.mp4");
  await using encoder = await ClipEncoder.create(file, 64, 48);
  for (const luma of LUMAS) {
    const pixels = Buffer.alloc((64 * 48 * 3) / 2, 128).fill(luma, 0, 64 * 48);
    using frame = frameFromPixels(pixels, { width: 64, height: 48, format: AV_PIX_FMT_YUV420P });
    await encoder.add(frame);
  }
  await encoder.finish();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a copy of half the size shows, to the nearest of the clip's brightnesses. */
async function copy(range: CopyRange): Promise<{ copied: number; lumas: number[] }> {
  const to = path.join(folder, "copy.mp4");
  await using encoder = await ClipEncoder.create(to, 32, 24);
  const copied = await copyFrames(file, encoder, range);
  await encoder.finish();
  return { copied, lumas: await lumasOf(to) };
}

async function lumasOf(clip: string): Promise<number[]> {
  await using input = new MediaInput({
    url: "file:copy.mp4",
    transport: "tcp",
    mediaRoot: path.dirname(clip),
    timeoutMs: 5000,
    videoOnly: true,
  });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  using packet = new Packet();
  packet.alloc();
  const lumas: number[] = [];
  const see = (frame: Parameters<Parameters<VideoDecoder["decode"]>[1]>[0]): void => {
    expect([frame.width, frame.height]).toEqual([32, 24]);
    const luma = frame.toBuffer()[12 * 32 + 16]!;
    lumas.push(LUMAS.reduce((best, each) => (Math.abs(each - luma) < Math.abs(best - luma) ? each : best)));
  };
  while (input.readSync(packet) >= 0) {
    decoder.decode(packet, see);
    packet.unref();
  }
  decoder.decode(null, see);
  return lumas;
}

it("copies all frames where more are asked for, scaled", async () => {
  expect(await copy({ count: 99 })).toEqual({ copied: 5, lumas: LUMAS });
});

it("leaves out the start, and what is more than asked", async () => {
  expect(await copy({ skip: 1, count: 2 })).toEqual({ copied: 2, lumas: [80, 120] });
});

it("takes each so many-th frame alone", async () => {
  expect(await copy({ every: 2, count: 9 })).toEqual({ copied: 3, lumas: LUMAS.filter((_, index) => index % 2 === 0) });
  expect(await copy({ skip: 1, every: 2, count: 9 })).toEqual({ copied: 2, lumas: [LUMAS[1], LUMAS[3]] });
});

it("begins again until there are enough", async () => {
  expect(await copy({ count: 7, repeat: true })).toEqual({ copied: 7, lumas: [...LUMAS, 40, 80] });
});
