import { AppError } from "@octet/shared/errors";
import { AV_PIX_FMT_GBRP, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB } from "node-av/constants";
import { FFmpegError, Frame, SoftwareScaleContext } from "node-av/lib";
import { planResize, type ResizePlan } from "./resize-plan.ts";
import type { FrameTarget } from "./source-types.ts";

/** swscale keeps RGB planes as G, B, R. */
const PLANES = { rgb: [2, 0, 1], bgr: [1, 0, 2] } as const;

/**
 * Scales decoded frames to a model's input: planar bytes (CHW), straight from swscale.
 *
 * Uses swscale's dynamic context, which reads colour matrix and range off each frame; the fixed one
 * (`getContext`) takes every source for BT.601 and misses HD cameras by about 8 levels. A stream that does not
 * say its matrix counts as BT.601, as everywhere in FFmpeg.
 */
export class FrameScaler implements Disposable {
  readonly #target: FrameTarget;
  readonly #context = new SoftwareScaleContext();
  #plan: ResizePlan | null = null;
  #scaled: Frame | null = null;
  /** Views into `#scaled`, fetched once: they live and die with it. */
  #planes: Buffer[] = [];

  constructor(target: FrameTarget) {
    this.#target = target;
    this.#context.allocContext();
    this.#context.setOption("sws_flags", "bilinear");
  }

  get byteLength(): number {
    return 3 * this.#target.width * this.#target.height;
  }

  /**
   * Scales `frame` (in main memory) into `data`, which must have `byteLength` bytes, borders included.
   * @param source what `frame` was scaled from already, where it was: the plan is for that
   * @throws AppError CAMERA_DECODE_FAILED where swscale cannot convert the pixel format
   */
  scale(frame: Frame, data: Uint8Array, source: { width: number; height: number } = frame): ResizePlan {
    const plan = this.#prepare(source.width, source.height);
    const result = this.#context.scaleFrameSync(this.#scaled!, frame);
    if (result < 0) throw new AppError("CAMERA_DECODE_FAILED", `A frame could not be scaled: ${FFmpegError.strerror(result)}`);
    this.#copy(plan, data);
    return plan;
  }

  /** The size at which a picture of the source lies in the model's input, pixels. */
  contentSize(srcWidth: number, srcHeight: number): { width: number; height: number } {
    const { contentWidth, contentHeight } = planResize(this.#target.resize, srcWidth, srcHeight, this.#target.width, this.#target.height);
    return { width: contentWidth, height: contentHeight };
  }

  #prepare(srcWidth: number, srcHeight: number): ResizePlan {
    if (this.#plan && this.#plan.srcWidth === srcWidth && this.#plan.srcHeight === srcHeight) return this.#plan;
    const plan = planResize(this.#target.resize, srcWidth, srcHeight, this.#target.width, this.#target.height);
    this.#scaled?.free();
    const scaled = new Frame();
    scaled.alloc();
    scaled.width = plan.contentWidth;
    scaled.height = plan.contentHeight;
    scaled.format = AV_PIX_FMT_GBRP;
    scaled.colorSpace = AVCOL_SPC_RGB;
    scaled.colorRange = AVCOL_RANGE_JPEG;
    const allocated = scaled.getBuffer();
    if (allocated < 0) throw new AppError("INTERNAL", `No memory for a frame: ${FFmpegError.strerror(allocated)}`);
    this.#scaled = scaled;
    this.#planes = scaled.data ?? [];
    this.#plan = plan;
    return plan;
  }

  #copy(plan: ResizePlan, data: Uint8Array): void {
    const { dstWidth, dstHeight, contentWidth, contentHeight, padX, padY } = plan;
    const area = dstWidth * dstHeight;
    if (contentWidth !== dstWidth || contentHeight !== dstHeight) data.fill(this.#target.padValue, 0, 3 * area);
    const lineSizes = this.#scaled!.linesize;
    for (const [channel, plane] of PLANES[this.#target.channels].entries()) {
      const source = this.#planes[plane]!;
      // swscale's lines are longer than the picture is wide, unless its width suits their alignment.
      const lineSize = lineSizes[plane]!;
      const at = channel * area + padY * dstWidth + padX;
      if (lineSize === contentWidth && contentWidth === dstWidth) {
        data.set(source.subarray(0, contentWidth * contentHeight), at);
        continue;
      }
      for (let y = 0; y < contentHeight; y++) data.set(source.subarray(y * lineSize, y * lineSize + contentWidth), at + y * dstWidth);
    }
  }

  [Symbol.dispose](): void {
    this.#planes = [];
    this.#scaled?.free();
    this.#context.freeContext();
  }
}
