import { frameFromPixels } from "@octet/media/video-frame";
import { AV_PIX_FMT_RGB24, AVCOL_RANGE_JPEG, AVCOL_SPC_RGB } from "node-av/constants";
import type { Frame } from "node-av/lib";
import sharp from "sharp";

/** A part of a photo with the clip's aspect ratio: its middle and its width, as fractions of the photo. */
export interface View {
  x: number;
  y: number;
  width: number;
}

/** A photo through which a camera travels: from one view to another and back, so that it loops without a jump. */
export class PhotoPan {
  readonly #pixels: Buffer;
  readonly #width: number;
  readonly #height: number;

  private constructor(pixels: Buffer, width: number, height: number) {
    this.#pixels = pixels;
    this.#width = width;
    this.#height = height;
  }

  static async load(file: string): Promise<PhotoPan> {
    const { data, info } = await sharp(file).rotate().removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
    return new PhotoPan(data, info.width, info.height);
  }

  /** @param at 0–1 of the way there and back @param aspect width / height of the clip */
  frame(from: View, to: View, at: number, aspect: number): Frame {
    const share = (1 - Math.cos(2 * Math.PI * at)) / 2;
    const mix = (key: keyof View) => from[key] + (to[key] - from[key]) * share;
    const width = Math.min(this.#width, Math.round(mix("width") * this.#width));
    const height = Math.min(this.#height, Math.round(width / aspect));
    const left = Math.round(clamp(mix("x") * this.#width - width / 2, this.#width - width));
    const top = Math.round(clamp(mix("y") * this.#height - height / 2, this.#height - height));
    const part = this.#pixels.subarray((top * this.#width + left) * 3);
    const frame = frameFromPixels(part, { width, height, format: AV_PIX_FMT_RGB24, stride: this.#width * 3 });
    frame.colorSpace = AVCOL_SPC_RGB;
    frame.colorRange = AVCOL_RANGE_JPEG;
    return frame;
  }
}

const clamp = (value: number, high: number) => Math.min(Math.max(0, value), high);
