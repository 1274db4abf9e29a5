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
 * @param every each so many-th frame alone: the others are left out, and the clip plays as fast as before
 * @throws AppError CAMERA_* where the clip cannot be read, CAMERA_DECODE_FAILED where it has no picture
 */
export async function scaleClip(from: string, to: string, { width, height }: FrameSize, every = 1): Promise<void> {
  // x264 reports every clip on stderr otherwise.
  Log.setLevel(AV_LOG_QUIET);
  await using encoder = await ClipEncoder.create(to, width, height, { fps: CLIP_FPS / every });
  if ((await copyFrames(from, encoder, { every, count: Math.floor(MOST_FRAMES / every) })) === 0)
    throw new AppError("CAMERA_DECODE_FAILED", `No picture of ${path.basename(from)} can be decoded`);
  await encoder.finish();
}
