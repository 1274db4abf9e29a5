import path from "node:path";
import { CLIP_FPS, ClipEncoder } from "@octet/media/clip-encoder";
import { MediaInput } from "@octet/media/media-input";
import { VideoDecoder } from "@octet/media/video-decoder";
import { AppError } from "@octet/shared/errors";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import { AV_LOG_QUIET } from "node-av/constants";
import { type Frame, Log, Packet } from "node-av/lib";

/** Streams play a clip in a loop: more of it would only take longer to make. */
const MOST_FRAMES = 10 * CLIP_FPS;

/**
 * Writes the first ten seconds of a clip anew, as H.264 of even width and height, an mp4 file.
 * @throws AppError CAMERA_* where the clip cannot be read, CAMERA_DECODE_FAILED where it has no picture
 */
export async function scaleClip(from: string, to: string, { width, height }: FrameSize): Promise<void> {
  // x264 reports every clip on stderr otherwise.
  Log.setLevel(AV_LOG_QUIET);
  await using input = new MediaInput({
    url: `file:${path.basename(from)}`,
    transport: "tcp",
    mediaRoot: path.dirname(from),
    timeoutMs: 10_000,
    videoOnly: true,
  });
  await input.open();
  using decoder = VideoDecoder.create(input.video, { hardware: false });
  await using encoder = await ClipEncoder.create(to, width, height);
  using packet = new Packet();
  packet.alloc();
  let count = 0;
  const decode = async (read: Packet | null): Promise<void> => {
    const frames: Frame[] = [];
    decoder.decode(read, (frame) => {
      const copy = count + frames.length < MOST_FRAMES ? frame.clone() : null;
      if (copy) frames.push(copy);
    });
    for (const frame of frames) {
      using picture = frame;
      await encoder.add(picture);
      count++;
    }
  };
  while (count < MOST_FRAMES && (await input.read(packet)) >= 0) {
    if (packet.streamIndex === input.video.index) await decode(packet);
    packet.unref();
  }
  if (count < MOST_FRAMES) await decode(null);
  if (count === 0) throw new AppError("CAMERA_DECODE_FAILED", `No picture of ${path.basename(from)} can be decoded`);
  await encoder.finish();
}
