import { AV_PIX_FMT_RGB24, type AV_PIX_FMT_YUV420P, type AV_PIX_FMT_YUVJ420P } from "node-av/constants";
import { FFmpegError, Frame } from "node-av/lib";

export interface PixelLayout {
  width: number;
  height: number;
  format: typeof AV_PIX_FMT_RGB24 | typeof AV_PIX_FMT_YUV420P | typeof AV_PIX_FMT_YUVJ420P;
  /** From one row to the next, bytes, of RGB24 that is a part of a wider picture. Default: no padding. */
  stride?: number;
}

/**
 * A frame with a copy of the pixels, in memory that FFmpeg laid out itself: aligned rows, and room behind the last
 * one. FFmpeg's SIMD code reads past the end of a row; `Frame.fromVideoBuffer` of node-av 6.1.1 allocates to the
 * byte, so that a scaler's last row can lie at the end of mapped memory and end the process.
 * @param pixels planes one behind the other without padding, RGB24 or planar 4:2:0 with even sizes
 */
export function frameFromPixels(pixels: Uint8Array, { width, height, format, stride }: PixelLayout): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  FFmpegError.throwIfError(frame.getBuffer(), "allocate a frame");
  const planes = frame.data ?? [];
  let at = 0;
  for (const [plane, { rowBytes, rows }] of planeSizes({ width, height, format }).entries()) {
    const lineSize = frame.linesize[plane]!;
    for (let y = 0; y < rows; y++, at += stride ?? rowBytes) planes[plane]!.set(pixels.subarray(at, at + rowBytes), y * lineSize);
  }
  return frame;
}

function planeSizes({ width, height, format }: PixelLayout): { rowBytes: number; rows: number }[] {
  if (format === AV_PIX_FMT_RGB24) return [{ rowBytes: width * 3, rows: height }];
  const chroma = { rowBytes: width >> 1, rows: height >> 1 };
  return [{ rowBytes: width, rows: height }, chroma, chroma];
}
