import path from "node:path";
import { type Frame, Packet } from "node-av/lib";
import type { ClipEncoder } from "./clip-encoder.ts";
import { MediaInput } from "./media-input.ts";
import { VideoDecoder } from "./video-decoder.ts";

export interface CopyRange {
  /** Frames at the start of the file that are left out. */
  skip?: number;
  /** Only each so many-th frame after these. Default 1. */
  every?: number;
  /** Frames to copy at most. */
  count: number;
  /** Begin again at the file's end until there are as many. */
  repeat?: boolean;
}

/**
 * Decodes a video file on the CPU and gives its frames to an encoder, which scales them to its own size.
 * @returns how many they were
 * @throws AppError CAMERA_* where the file cannot be read
 */
export async function copyFrames(
  file: string,
  encoder: ClipEncoder,
  { skip = 0, every = 1, count, repeat = false }: CopyRange,
): Promise<number> {
  await using input = new MediaInput({
    url: `file:${path.basename(file)}`,
    transport: "tcp",
    mediaRoot: path.dirname(file),
    timeoutMs: 10_000,
    videoOnly: true,
  });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  using packet = new Packet();
  packet.alloc();
  let decoded = 0;
  let copied = 0;
  const decode = async (read: Packet | null): Promise<void> => {
    const frames: Frame[] = [];
    decoder.decode(read, (frame) => {
      const at = decoded++ - skip;
      const wanted = at >= 0 && at % every === 0 && copied + frames.length < count;
      const copy = wanted ? frame.clone() : null;
      if (copy) frames.push(copy);
    });
    for (const frame of frames) {
      using picture = frame;
      await encoder.add(picture);
      copied++;
    }
  };
  while (copied < count) {
    if ((await input.read(packet)) < 0) {
      await decode(null);
      if (!repeat || copied === 0 || !input.rewind()) return copied;
      decoder.flush();
      continue;
    }
    if (packet.streamIndex === input.video.index) await decode(packet);
    packet.unref();
  }
  return copied;
}
