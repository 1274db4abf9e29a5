import { AppError } from "@octet/shared/errors";
import sharp from "sharp";

export interface ImageFacts {
  /** Pixels, upright. */
  width: number;
  height: number;
  /** Mean luma, 0–255. */
  brightness: number;
  /** 16 hexadecimal digits. */
  dhash: string;
}

/**
 * Size, light and a perceptual hash of an image. The hash has a bit for each of 8×8 places: whether it is darker than its
 * right neighbour in the image scaled to 9×8 ("difference hash", Krawetz 2013), so that scaling, compression and light
 * change few bits.
 * @throws AppError DATASET_INVALID where it cannot be decoded
 */
export async function imageFacts(image: string | Uint8Array): Promise<ImageFacts> {
  try {
    const { autoOrient } = await sharp(image).metadata();
    const grey = sharp(image).autoOrient().flatten({ background: "#000" }).greyscale();
    const [small, luma] = await Promise.all([
      grey.clone().resize(9, 8, { fit: "fill", kernel: "cubic" }).raw().toBuffer(),
      grey.clone().resize(64, 64, { fit: "fill" }).raw().toBuffer(),
    ]);
    let bits = 0n;
    for (let y = 0; y < 8; y++) for (let x = 0; x < 8; x++) bits = (bits << 1n) | BigInt(small[y * 9 + x]! < small[y * 9 + x + 1]!);
    return {
      width: autoOrient.width,
      height: autoOrient.height,
      brightness: luma.reduce((sum, value) => sum + value, 0) / luma.length,
      dhash: bits.toString(16).padStart(16, "0"),
    };
  } catch (cause) {
    throw new AppError("DATASET_INVALID", `An image cannot be decoded: ${AppError.from(cause).message}`, { cause });
  }
}
