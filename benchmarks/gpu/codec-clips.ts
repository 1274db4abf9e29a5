import { existsSync, renameSync } from "node:fs";
import path from "node:path";
import { type ClipCodec, ClipEncoder } from "@octet/media/clip-encoder";
import { MediaInput } from "@octet/media/media-input";
import { VideoDecoder } from "@octet/media/video-decoder";
import { type Frame, Packet } from "node-av/lib";

/** Encodes the first `frames` frames of a clip anew, at 1080p or another size; kept for the next run. @returns its path */
export async function codecClip(
  source: string,
  { codec, width, height, frames, folder }: { codec: ClipCodec; width: number; height: number; frames: number; folder: string },
): Promise<string> {
  const file = path.join(folder, `${codec}-${width}x${height}-${frames}.mp4`);
  if (existsSync(file)) return file;
  const unfinished = `${file}.part.mp4`;
  await using encoder = await ClipEncoder.create(unfinished, width, height, codec);
  await using input = new MediaInput({
    url: source,
    transport: "tcp",
    mediaRoot: path.dirname(source),
    timeoutMs: 10_000,
    videoOnly: true,
  });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  using packet = new Packet();
  packet.alloc();
  let written = 0;
  const waiting: Frame[] = [];
  while (written < frames) {
    if (input.readSync(packet) < 0) {
      decoder.flush();
      if (written === 0 || !input.rewind()) throw new Error(`${source} cannot be read`);
      continue;
    }
    if (packet.streamIndex === input.video.index)
      decoder.decode(packet, (frame) => {
        const clone = frame.clone();
        if (clone) waiting.push(clone);
      });
    packet.unref();
    for (const frame of waiting.splice(0)) {
      if (written++ < frames) await encoder.add(frame);
      frame.free();
    }
  }
  await encoder.finish();
  renameSync(unfinished, file);
  return file;
}
