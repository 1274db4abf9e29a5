import type { Detection } from "@octet/shared/domain/detection";

/** Milliseconds that one frame spent in each stage. */
export interface FrameTimings {
  /** Reading the picture, or decoding the frame. */
  decode: number;
  /** Scaling, and bytes → floats. */
  preprocess: number;
  infer: number;
  /** Decoding the model's outputs, suppression, and tracks. */
  postprocess: number;
}

export interface DetectedFrame {
  /** Counts the frames of this run from 0. */
  index: number;
  /** Presentation time, ms; 0 for a picture. */
  ptsMs: number;
  /** Pixels, as the picture is meant to be seen. */
  width: number;
  height: number;
  detections: Detection[];
  timings: FrameTimings;
}
