import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { MediaInput } from "@octet/media/media-input";
import type { BenchmarkResult } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { type FrameSize, pixels, sizeName } from "@octet/shared/planning/frame-size";
import { avGetCodecName } from "node-av/lib";
import { scaleClip } from "./scale-clip.ts";

export type DecodedClip = NonNullable<NonNullable<BenchmarkResult["streams"]>["clip"]>;

export interface ClipSource {
  /** A clip lies below it. */
  folder: string;
  file: string;
  clip: DecodedClip;
}

export interface ClipRequest {
  /** Folder of clips. */
  mediaRoot: string;
  /** Of the pictures to decode; null: whatever the first clip has. */
  size: FrameSize | null;
  /** Folder where clips that were scaled are kept. */
  cache: string;
  log(line: string): void;
}

const CLIP = /\.(mp4|mkv|mov|ts|webm)$/i;

/**
 * A clip to decode: where a size is asked for, one of that size, else one that is scaled to it once.
 * @throws AppError UNSUPPORTED where there is no clip; why none can be opened
 */
export async function clipSource({ mediaRoot, size, cache, log }: ClipRequest): Promise<ClipSource> {
  const wanted = size && evenSize(size);
  const found: ClipSource[] = [];
  let refusal: unknown = null;
  for (const file of (await readdir(mediaRoot).catch(() => [])).filter((name) => CLIP.test(name)).sort()) {
    try {
      const source = { folder: mediaRoot, file, clip: await describeClip(mediaRoot, file) };
      if (!wanted || isOf(source.clip, wanted)) return source;
      found.push(source);
    } catch (error) {
      refusal ??= error;
    }
  }
  if (wanted && found.length > 0) return scaled(nearest(found, wanted), wanted, cache, log);
  if (refusal) throw refusal;
  throw new AppError("UNSUPPORTED", "Decoding cannot be measured: there is no clip on this worker", {
    hint: "Put a video into the media folder, or leave decoding out.",
  });
}

async function scaled(from: ClipSource, size: FrameSize, cache: string, log: (line: string) => void): Promise<ClipSource> {
  const original = path.join(from.folder, from.file);
  const { size: bytes, mtimeMs } = await stat(original);
  const origin = createHash("sha256").update(`${original}\n${bytes}\n${mtimeMs}`).digest("hex").slice(0, 12);
  const file = `${size.width}x${size.height}-${origin}.mp4`;
  const kept = await describeClip(cache, file).catch(() => null);
  if (kept && isOf(kept, size)) return { folder: cache, file, clip: { ...kept, scaledFrom: from.clip } };
  log(`no clip of the media folder is ${sizeName(size)}: ${from.file} (${sizeName(from.clip)}) is scaled to it`);
  await mkdir(cache, { recursive: true });
  const unfinished = path.join(cache, `.${file}.${process.pid}.part`);
  try {
    await scaleClip(original, unfinished, size);
    await rename(unfinished, path.join(cache, file));
  } finally {
    await rm(unfinished, { force: true });
  }
  return { folder: cache, file, clip: { ...(await describeClip(cache, file)), scaledFrom: from.clip } };
}

async function describeClip(folder: string, file: string): Promise<Omit<DecodedClip, "scaledFrom"> & { scaledFrom: null }> {
  await using input = new MediaInput({ url: `file:${file}`, transport: "tcp", mediaRoot: folder, timeoutMs: 10_000, videoOnly: true });
  await input.open();
  const { codecpar, avgFrameRate } = input.video;
  return {
    width: codecpar.width,
    height: codecpar.height,
    codec: avGetCodecName(codecpar.codecId) ?? "unknown",
    fps: avgFrameRate.den > 0 ? Math.round((100 * avgFrameRate.num) / avgFrameRate.den) / 100 : 0,
    scaledFrom: null,
  };
}

/** Of the shape that is least distorted; of those the one with most detail. */
function nearest(sources: readonly ClipSource[], size: FrameSize): ClipSource {
  const distortion = ({ clip }: ClipSource): number =>
    Math.round(100 * Math.abs(Math.log((clip.width * size.height) / (clip.height * size.width))));
  return [...sources].sort((a, b) => distortion(a) - distortion(b) || pixels(b.clip) - pixels(a.clip))[0]!;
}

const isOf = (clip: FrameSize, { width, height }: FrameSize): boolean => clip.width === width && clip.height === height;
/** H.264 of 4:2:0 has no odd sizes. */
const evenSize = ({ width, height }: FrameSize): FrameSize => ({ width: width - (width % 2), height: height - (height % 2) });
