import { AppError } from "@octet/shared/errors";
import { FFmpegError, Frame } from "node-av/lib";

/**
 * A copy of a hardware frame in main memory, which the caller frees.
 * @throws AppError CAMERA_DECODE_FAILED
 */
export function downloadFrame(frame: Frame): Frame {
  const copy = new Frame();
  copy.alloc();
  const result = frame.hwframeTransferDataSync(copy);
  if (result < 0) {
    copy.free();
    throw new AppError("CAMERA_DECODE_FAILED", `A frame could not be fetched from the GPU: ${FFmpegError.strerror(result)}`);
  }
  copy.copyProps(frame);
  return copy;
}
