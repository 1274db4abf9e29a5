/** Published for one 1080p stream on an A10: decode 10 ms, post-processing 8 ms beside the run itself. */
const DECODE_MS = 10;
const POSTPROCESS_MS = 8;

/** From a frame's arrival to its boxes, mean, milliseconds. */
export interface LatencyParts {
  decode: number;
  /** Frames that the decoder holds back: none of a low-delay stream, up to three where there are B-frames. */
  decoderDelay: number;
  /** Until the run before has ended. */
  queue: number;
  infer: number;
  postprocess: number;
  total: number;
}

/** What each part is, in the order in which a frame meets them. */
export const latencyPartNames: Readonly<Record<Exclude<keyof LatencyParts, "total">, string>> = {
  decode: "decoding",
  decoderDelay: "held back by decoder",
  queue: "wait for the run before",
  infer: "inference",
  postprocess: "post-processing",
};

/**
 * A waiting frame goes with the next run, so that it waits half of one where the device is always busy. Past that, only
 * the latest frame of a camera is kept: it waits at most until the next replaces it.
 * @param load of the sessions, 1 is all of their time
 */
export function latencyParts({
  load,
  batch,
  engineFps,
  sustainedFps,
  fps,
  detectFps,
  decoderDelayFrames,
}: {
  load: number;
  batch: number;
  engineFps: number;
  sustainedFps: number;
  fps: number;
  detectFps: number;
  decoderDelayFrames: number;
}): LatencyParts {
  const halfRun = (batch / sustainedFps) * 500;
  const parts = {
    decode: DECODE_MS,
    decoderDelay: (decoderDelayFrames / fps) * 1000,
    queue: load <= 1 ? load * halfRun : Math.max(halfRun, 1000 / detectFps),
    infer: (batch / engineFps) * 1000,
    postprocess: POSTPROCESS_MS,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, ms) => sum + ms, 0) };
}
