import { AppError } from "@octet/shared/errors";
import { postprocess } from "@octet/vision/models/detect";
import sharp from "sharp";
import { readScaled } from "@octet/precision/validate/prepared-images";
import type { DetectedFrame } from "./detected-frame.ts";
import type { Detector } from "@octet/precision/detect/detector";
import { packPlanar } from "@octet/precision/detect/pack-planar";

/** Whether sharp takes the file for a picture; what is none may be a video. */
export async function isImage(path: string): Promise<boolean> {
  return sharp(path)
    .metadata()
    .then(
      () => true,
      () => false,
    );
}

/** @throws AppError BAD_INPUT where the picture cannot be decoded, INFERENCE_FAILED */
export async function detectImage(detector: Detector, path: string, { confidence }: { confidence: number }): Promise<DetectedFrame> {
  const { spec } = detector;
  const started = performance.now();
  const { plan, rgb } = await readScaled(path, spec.input).catch((cause: unknown) => {
    throw new AppError("BAD_INPUT", `The picture ${path} cannot be decoded: ${AppError.from(cause).message}`, {
      hint: "The file may be damaged or incomplete.",
      cause,
    });
  });
  const read = performance.now();
  const bytes = packPlanar(rgb, plan, spec.input);
  const packed = performance.now();
  const run = await detector.pool.run([bytes]);
  const ran = performance.now();
  const detections = postprocess(spec, run.outputs, 0, plan, { confidence });
  return {
    index: 0,
    ptsMs: 0,
    width: plan.srcWidth,
    height: plan.srcHeight,
    detections,
    timings: {
      decode: read - started,
      preprocess: packed - read + run.preprocessMs,
      infer: run.inferMs,
      postprocess: performance.now() - ran,
    },
  };
}
