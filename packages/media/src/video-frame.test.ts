import { AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P } from "node-av/constants";
import { expect, it } from "vitest";
import { frameFromPixels } from "./video-frame.ts";

it.each([
  { format: AV_PIX_FMT_RGB24, width: 37, height: 21, bytes: 37 * 21 * 3 },
  { format: AV_PIX_FMT_YUV420P, width: 38, height: 22, bytes: (38 * 22 * 3) / 2 },
] as const)("keeps every pixel of $width×$height, in rows that SIMD code may read past", ({ format, width, height, bytes }) => {
  const pixels = Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 31) & 255));
  using frame = frameFromPixels(pixels, { width, height, format });
  expect(frame.toBuffer()).toEqual(pixels);
  expect(frame.linesize.slice(0, frame.data?.length).every((size) => size % 16 === 0)).toBe(true);
});

it("takes a part of a wider picture", () => {
  const wide = Buffer.from(Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 31) & 255));
  const [left, top, width, height] = [5, 7, 20, 11];
  const rows = Array.from({ length: height }, (_, y) => {
    const start = ((top + y) * 40 + left) * 3;
    return wide.subarray(start, start + width * 3);
  });
  using frame = frameFromPixels(wide.subarray((top * 40 + left) * 3), { width, height, format: AV_PIX_FMT_RGB24, stride: 40 * 3 });
  expect(frame.toBuffer()).toEqual(Buffer.concat(rows));
});
