import { z } from "zod";
import { bytesSchema } from "../domain/bytes.ts";
import { cameraIdSchema } from "../domain/camera.ts";
import { inferredFrameSchema } from "../domain/detection.ts";
import { AppError } from "../errors.ts";
import { decoder, encoder } from "./message-pack.ts";

/** An inferred frame on its way to browsers that watch; never stored. */
export const liveFrameSchema = inferredFrameSchema.extend({ preview: bytesSchema.nullable() });
export type LiveFrame = z.infer<typeof liveFrameSchema>;

/**
 * A live frame as it is sent: what a gateway goes by, and what it hands on as it is. Thousands of them pass a gateway each
 * second, so only the two ends look inside.
 */
export const packedFrameSchema = z.object({
  cameraId: cameraIdSchema,
  /** MessagePack of the frame without camera and preview. */
  boxes: bytesSchema,
  preview: bytesSchema.nullable(),
});
export type PackedFrame = z.infer<typeof packedFrameSchema>;

/** Frames in one message at most. */
export const MOST_FRAMES = 200;
export const packedFramesSchema = z.array(packedFrameSchema).max(MOST_FRAMES);

export function packFrame({ cameraId, preview, ...boxes }: LiveFrame): PackedFrame {
  return { cameraId, boxes: encoder.encode(boxes), preview };
}

/** @throws AppError PROTOCOL_MISMATCH where it is none */
export function unpackFrame({ cameraId, boxes, preview }: PackedFrame): LiveFrame {
  try {
    return liveFrameSchema.parse({ ...(decoder.decode(boxes) as object), cameraId, preview });
  } catch (cause) {
    throw new AppError("PROTOCOL_MISMATCH", "A frame has an unexpected shape", {
      hint: "Run the same version of Octet on both ends.",
      cause,
    });
  }
}
