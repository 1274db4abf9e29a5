import { AV_PIX_FMT_YUV420P } from "node-av/constants";
import sharp from "sharp";
import { expect, it } from "vitest";
import { RetainedFrames } from "./retained-frames.ts";
import { frameFromPixels } from "./video-frame.ts";

const [width, height] = [320, 180];

it("gives a whole frame as a JPEG that is near what was decoded, for as long as it is kept", async () => {
  // Fine detail, which coarse quantisation would blur.
  const luma = Uint8Array.from({ length: width * height }, (_, at) => 128 + 60 * Math.sin(at * 0.9) * Math.cos((at / width) * 1.3));
  const pixels = new Uint8Array((width * height * 3) / 2).fill(128);
  pixels.set(luma);
  using frame = frameFromPixels(pixels, { width, height, format: AV_PIX_FMT_YUV420P });
  using retained = new RetainedFrames();
  retained.keep(1, frame);
  const jpeg = retained.picture(1)!;
  expect(await sharp(jpeg).metadata()).toMatchObject({ format: "jpeg", width, height });
  // Limited range is what video has: 16 to 235 become 0 to 255.
  const decoded = await sharp(jpeg).greyscale().raw().toBuffer();
  const error = luma.reduce((sum, value, at) => sum + Math.abs((value - 16) * (255 / 219) - decoded[at]!), 0) / luma.length;
  expect(error).toBeLessThan(2);
  const thumbnail = retained.crop(1, { x: 0, y: 0, w: 1, h: 1 }, width)!;
  expect(jpeg.length).toBeGreaterThan(thumbnail.length * 1.3);
  retained.release(1);
  expect(retained.picture(1)).toBeNull();
});
