import path from "node:path";
import { CLIP_FPS, ClipEncoder } from "@octet/media/clip-encoder";
import { copyFrames } from "@octet/media/copy-frames";
import { AppError } from "@octet/shared/errors";
import type { FrameSize } from "@octet/shared/planning/frame-size";
import { AV_LOG_QUIET } from "node-av/constants";
import { Log } from "node-av/lib";

/** Streams play a clip in a loop: more of it would only take longer to make. */
const MOST_FRAMES = 10 * CLIP_FPS;

/**
 * Writes the first ten seconds of a clip anew, as H.264 of even width and height, an mp4 file.
 * @throws AppError CAMERA_* where the clip cannot be read, CAMERA_DECODE_FAILED where it has no picture
 */
export async function scaleClip(from: string, to: string, { width, height }: FrameSize): Promise<void> {
  // x264 reports every clip on stderr otherwise.
  Log.setLevel(AV_LOG_QUIET);
  await using encoder = await ClipEncoder.create(to, width, height);
  if ((await copyFrames(from, encoder, { count: MOST_FRAMES })) === 0)
    throw new AppError("CAMERA_DECODE_FAILED", `No picture of ${path.basename(from)} can be decoded`);
  await encoder.finish();
}
