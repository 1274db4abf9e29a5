import { AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P } from "node-av/constants";
import { Frame, SoftwareScaleContext } from "node-av/lib";
import { cropRect, type PixelRect } from "./crop-box.ts";
import { downloadFrame } from "./frame-download.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import type { FractionBox } from "./source-types.ts";
import { frameFromPixels } from "./video-frame.ts";

/** A 1080p frame is 3 MB, and with 70 cameras each kept frame counts 70 times. Decoders on a device allocate so many more. */
export const KEEP = 3;

/** The latest sampled frames at full resolution, for thumbnails of what was found in them. */
export class RetainedFrames implements Disposable {
  readonly #frames = new Map<number, Frame>();
  #jpeg: JpegEncoder | null = null;

  /** Keeps a reference (no copy) to the frame's pixels; a frame in a GPU's memory stays there until someone asks for it. */
  keep(seq: number, frame: Frame): void {
    const clone = frame.clone();
    if (!clone) return;
    this.#frames.set(seq, clone);
    for (const oldest of this.#frames.keys()) {
      if (this.#frames.size <= KEEP) break;
      this.release(oldest);
    }
  }

  release(seq: number): void {
    this.#frames.get(seq)?.free();
    this.#frames.delete(seq);
  }

  /** In main memory from now on; null where it is no longer kept. */
  #frame(seq: number): Frame | null {
    const frame = this.#frames.get(seq);
    if (!frame?.isHwFrame()) return frame ?? null;
    const copy = downloadFrame(frame);
    frame.free();
    this.#frames.set(seq, copy);
    return copy;
  }

  /** JPEG thumbnail at most `size` pixels a side; null where the frame is no longer kept. */
  crop(seq: number, box: FractionBox, size: number): Uint8Array | null {
    const frame = this.#frame(seq);
    if (!frame) return null;
    this.#jpeg ??= new JpegEncoder();
    const isPlanar420 = frame.format === AV_PIX_FMT_YUV420P || frame.format === AV_PIX_FMT_YUVJ420P;
    const planar = isPlanar420 ? frame : toYuv420(frame);
    try {
      using part = cut(planar, cropRect(box, frame.width, frame.height));
      return this.#jpeg.encode(part, size);
    } finally {
      if (planar !== frame) planar.free();
    }
  }

  /** JPEG of the whole frame at its own size and the best quality; null where the frame is no longer kept. */
  picture(seq: number): Uint8Array | null {
    const frame = this.#frame(seq);
    if (!frame) return null;
    // Rare and large: an encoder kept for it would hold a frame's memory for each camera.
    using encoder = new JpegEncoder("best");
    return encoder.encode(frame, frame.width);
  }

  [Symbol.dispose](): void {
    for (const seq of [...this.#frames.keys()]) this.release(seq);
    this.#jpeg?.[Symbol.dispose]();
  }
}

/** Copies a rectangle with even edges out of a YUV 4:2:0 frame. */
function cut(frame: Frame, rect: PixelRect): Frame {
  const planes = frame.data ?? [];
  const bytes = Buffer.allocUnsafe((rect.width * rect.height * 3) / 2);
  let at = 0;
  for (const [plane, shift] of [0, 1, 1].entries()) {
    const lineSize = frame.linesize[plane]!;
    for (let y = rect.y >> shift; y < (rect.y + rect.height) >> shift; y++) {
      const start = y * lineSize + (rect.x >> shift);
      at += planes[plane]!.copy(bytes, at, start, start + (rect.width >> shift));
    }
  }
  const part = frameFromPixels(bytes, { width: rect.width, height: rect.height, format: frame.format as typeof AV_PIX_FMT_YUV420P });
  part.colorSpace = frame.colorSpace;
  part.colorRange = frame.colorRange;
  return part;
}

/** Other pixel formats (10 bit, NV12, 4:2:2) are brought to 8 bit 4:2:0 first; thumbnails are rare enough. */
function toYuv420(frame: Frame): Frame {
  using context = new SoftwareScaleContext();
  context.allocContext();
  const target = new Frame();
  target.alloc();
  target.width = frame.width;
  target.height = frame.height;
  target.format = AV_PIX_FMT_YUV420P;
  target.colorSpace = frame.colorSpace;
  target.colorRange = frame.colorRange;
  target.getBuffer();
  context.scaleFrameSync(target, frame);
  return target;
}
