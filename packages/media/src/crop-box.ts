import type { FractionBox } from "./source-types.ts";

/** A part of a frame in whole pixels; edges are even, as chroma is stored for pairs of pixels. */
export interface PixelRect {
  x: number;
  y: number;
  width: number;
  height: number;
}

const GROW = 1.25;

/**
 * The part of the frame that a thumbnail of `box` shows: the box grown by a quarter, widened to a square, then
 * moved, and only if it must cut, into the frame.
 */
export function cropRect(box: FractionBox, frameWidth: number, frameHeight: number): PixelRect {
  const side = Math.max(16, Math.max(box.w * frameWidth, box.h * frameHeight) * GROW);
  const width = Math.min(side, frameWidth);
  const height = Math.min(side, frameHeight);
  const left = clamp((box.x + box.w / 2) * frameWidth - width / 2, 0, frameWidth - width);
  const top = clamp((box.y + box.h / 2) * frameHeight - height / 2, 0, frameHeight - height);
  const x = Math.floor(left / 2) * 2;
  const y = Math.floor(top / 2) * 2;
  return {
    x,
    y,
    width: Math.max(2, Math.floor(Math.min(width, frameWidth - x) / 2) * 2),
    height: Math.max(2, Math.floor(Math.min(height, frameHeight - y) / 2) * 2),
  };
}

/** NaN becomes the lower bound. */
const clamp = (value: number, low: number, high: number) => (value > low ? Math.min(value, high) : low);
