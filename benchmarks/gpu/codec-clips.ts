import { existsSync, renameSync } from "node:fs";
import path from "node:path";
import { type ClipCodec, ClipEncoder } from "@octet/media/clip-encoder";
import { copyFrames } from "@octet/media/copy-frames";

/** Encodes the first `frames` frames of a clip anew, over and over where it has fewer, at the given size; kept for the next run. @returns its path */
export async function codecClip(
  source: string,
  { codec, width, height, frames, folder }: { codec: ClipCodec; width: number; height: number; frames: number; folder: string },
): Promise<string> {
  const file = path.join(folder, `${codec}-${width}x${height}-${frames}.mp4`);
  if (existsSync(file)) return file;
  const unfinished = `${file}.part.mp4`;
  await using encoder = await ClipEncoder.create(unfinished, width, height, { codec });
  const copied = await copyFrames(source, encoder, { count: frames, repeat: true });
  if (copied < frames) throw new Error(`${source} has only ${copied} frames that can be decoded`);
  await encoder.finish();
  renameSync(unfinished, file);
  return file;
}
