import { AppError } from "@octet/shared/errors";
import { planResize, type ResizePlan } from "@octet/vision/letterbox/letterbox";
import type { InputSpec } from "@octet/vision/models/family";
import sharp from "sharp";
import { packPlanar } from "../detect/pack-planar.ts";

export interface PreparedImage {
  plan: ResizePlan;
  /** 3·H·W planar bytes in the model's channel order. */
  bytes: Uint8Array<ArrayBuffer>;
}

type Geometry = Pick<InputSpec, "width" | "height" | "resize" | "channels" | "padValue">;

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

/**
 * Images as models take them, decoded and scaled once and kept in memory: models with the same input share them. What
 * does not fit in `maxBytes` is prepared anew each time.
 */
export class PreparedImages {
  private readonly kept = new Map<string, PreparedImage>();
  private readonly maxBytes: number;
  private bytes = 0;

  constructor({ maxBytes = DEFAULT_MAX_BYTES }: { maxBytes?: number } = {}) {
    this.maxBytes = maxBytes;
  }

  /** How many images are kept. */
  get size(): number {
    return this.kept.size;
  }

  /**
   * The caller owns the bytes: a session takes them away.
   * @throws AppError DATASET_INVALID with the file where the image cannot be decoded
   */
  async get(path: string, input: Geometry): Promise<PreparedImage> {
    const key = [input.width, input.height, input.resize, input.channels, input.padValue, path].join(" ");
    let image = this.kept.get(key);
    if (!image) {
      image = await prepareImage(path, input);
      if (this.bytes + image.bytes.length > this.maxBytes) return image;
      if (!this.kept.has(key)) this.bytes += image.bytes.length;
      this.kept.set(key, image);
    }
    return { plan: image.plan, bytes: image.bytes.slice() };
  }
}

/** Decodes, turns upright (EXIF), scales and pads, as `octet detect` does. */
export async function prepareImage(path: string, input: Geometry): Promise<PreparedImage> {
  try {
    const { plan, rgb } = await readScaled(path, input);
    return { plan, bytes: packPlanar(rgb, plan, input) as Uint8Array<ArrayBuffer> };
  } catch (cause) {
    throw new AppError("DATASET_INVALID", `The image ${path} cannot be decoded: ${AppError.from(cause).message}`, {
      hint: "Replace it, or take it out of the images and their labels.",
      cause,
    });
  }
}

/**
 * Decodes, turns upright (EXIF) and scales in one go: interleaved RGB of the plan's content, without padding.
 * @throws what sharp throws
 */
export async function readScaled(path: string, { width, height, resize }: Geometry): Promise<{ plan: ResizePlan; rgb: Uint8Array }> {
  const { width: srcWidth, height: srcHeight } = await imageSize(path);
  const plan = planResize({ srcWidth, srcHeight, dstWidth: width, dstHeight: height, mode: resize });
  const rgb = await sharp(path)
    .autoOrient()
    .flatten({ background: "#000" })
    .toColourspace("srgb")
    .resize(plan.contentWidth, plan.contentHeight, { fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer();
  return { plan, rgb };
}

/** Pixels of an image as it is meant to be seen, from its header. */
export async function imageSize(path: string): Promise<{ width: number; height: number }> {
  const { autoOrient } = await sharp(path).metadata();
  return { width: autoOrient.width, height: autoOrient.height };
}
