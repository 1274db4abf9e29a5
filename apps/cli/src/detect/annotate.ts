import type { Detection } from "@octet/shared/domain/detection";
import { AppError } from "@octet/shared/errors";
import sharp from "sharp";
import { digitsPath, GLYPH_ADVANCE, GLYPH_HEIGHT } from "./digits.ts";

/** Boxes, landmarks, track ids and scores as an SVG of the picture's size (pixels). */
export function overlaySvg(width: number, height: number, detections: readonly Detection[]): string {
  const stroke = Math.max(1, Math.round(Math.min(width, height) / 300));
  const parts: string[] = [];
  for (const { box, score, landmarks, trackId } of detections) {
    const x = box.x * width;
    const y = box.y * height;
    const colour = `hsl(${trackId === null ? 140 : (trackId * 137) % 360} 90% 60%)`;
    parts.push(
      `<rect x="${x}" y="${y}" width="${box.w * width}" height="${box.h * height}" fill="none" stroke="${colour}" stroke-width="${stroke}"/>`,
    );
    for (let at = 0; landmarks && at < landmarks.length; at += 2)
      parts.push(`<circle cx="${landmarks[at]! * width}" cy="${landmarks[at + 1]! * height}" r="${stroke}" fill="${colour}"/>`);
    const text = `${trackId === null ? "" : `#${trackId} `}${score.toFixed(2)}`;
    // In a crowd a label as wide as the picture's scale asks would hide the neighbours.
    const size = Math.max(1, Math.min(stroke, Math.round((box.w * width * 1.5) / (text.length * GLYPH_ADVANCE))));
    const labelHeight = (GLYPH_HEIGHT + 2) * size;
    const top = y >= labelHeight ? y - labelHeight : y;
    parts.push(
      `<rect x="${x}" y="${top}" width="${(text.length * GLYPH_ADVANCE + 1) * size}" height="${labelHeight}" fill="#000" fill-opacity="0.65"/>`,
    );
    parts.push(`<path d="${digitsPath(text, x + size, top + size, size)}" fill="#fff"/>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join("")}</svg>`;
}

/**
 * Writes a picture with its detections drawn; the format is that of the name (png, jpg, webp …).
 * @param picture a file's path, or an encoded picture
 * @throws AppError BAD_INPUT where it cannot be written
 */
export async function writeAnnotated(picture: string | Uint8Array, detections: readonly Detection[], file: string): Promise<void> {
  try {
    const upright = await sharp(picture)
      .autoOrient()
      .toColourspace("srgb")
      .png({ compressionLevel: 0 })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = upright.info;
    await sharp(upright.data)
      .composite([{ input: Buffer.from(overlaySvg(width, height, detections)) }])
      .toFile(file);
  } catch (cause) {
    throw new AppError("BAD_INPUT", `Cannot write ${file}: ${AppError.from(cause).message.split("\n")[0]}`, {
      hint: "Give a file name that ends in .png, .jpg or .webp, in a folder that exists.",
      cause,
    });
  }
}
