import { CLIP_FPS, ClipEncoder } from "@octet/media/clip-encoder";
import { SyntheticPicture } from "@octet/media/synthetic-picture";
import { frameFromPixels } from "@octet/media/video-frame";
import { AV_LOG_QUIET, AV_PIX_FMT_YUV420P } from "node-av/constants";
import { Log } from "node-av/lib";

/** For tests: a small H.264 clip of synthetic faces, 320×240, 25 frames a second. */
export async function writeTestClip(path: string, seconds: number): Promise<void> {
  Log.setLevel(AV_LOG_QUIET);
  const [width, height] = [320, 240];
  const picture = new SyntheticPicture({ width, height, fps: CLIP_FPS, seed: 1, frames: 0 });
  await using encoder = await ClipEncoder.create(path, width, height);
  for (let index = 0; index < seconds * CLIP_FPS; index++) {
    using frame = frameFromPixels(picture.draw(index), { width, height, format: AV_PIX_FMT_YUV420P });
    await encoder.add(frame);
  }
  await encoder.finish();
}
