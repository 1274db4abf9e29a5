import type { DetectedBoxes } from "@octet/vision/evaluate/ground-truth";
import { postprocess } from "@octet/vision/models/detect";
import type { Detector } from "../detect/detector.ts";
import { PreparedImages } from "./prepared-images.ts";

export interface DatasetRun {
  detector: Pick<Detector, "spec" | "pool">;
  images: readonly { path: string }[];
  /** Detections below this score are left out, 0–1: low, because a curve needs them. */
  confidence: number;
  /** A detection that overlaps a better one by more than this is dropped. */
  nmsIou: number;
  /** Default 5000: a crowd has more than a frame of a camera. */
  maxDetections?: number;
  /** Kept between runs, so that several models see each image decoded once. */
  prepared?: PreparedImages;
  onProgress?(done: number): void;
}

/**
 * Runs a detector over images, one at a time in each of its threads.
 * @returns the detections of each image, in the order of `images`, in its pixels; classes are indexes into the detector's labels
 * @throws AppError DATASET_INVALID where an image cannot be decoded, INFERENCE_FAILED
 */
export async function detectDataset({
  detector: { spec, pool },
  images,
  confidence,
  nmsIou,
  maxDetections = 5000,
  prepared = new PreparedImages({ maxBytes: 0 }),
  onProgress,
}: DatasetRun): Promise<DetectedBoxes[]> {
  const classOf = new Map(spec.labels.map((label, index) => [label, index]));
  const results = new Array<DetectedBoxes>(images.length);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < images.length) {
      const index = next++;
      const { plan, bytes } = await prepared.get(images[index]!.path, spec.input);
      const { outputs } = await pool.run([bytes]);
      const found = postprocess(spec, outputs, 0, plan, { confidence, nmsIou, maxDetections });
      results[index] = {
        boxes: Float64Array.from(
          found.flatMap(({ box }) => [box.x * plan.srcWidth, box.y * plan.srcHeight, box.w * plan.srcWidth, box.h * plan.srcHeight]),
        ),
        scores: Float64Array.from(found, ({ score }) => score),
        classes: Uint16Array.from(found, ({ label }) => classOf.get(label) ?? 0),
      };
      onProgress?.(++done);
    }
  };
  const stop = (error: unknown): never => {
    next = images.length;
    throw error;
  };
  // One more than there are threads, so that an image is ready when a thread becomes free.
  const settled = await Promise.allSettled(Array.from({ length: pool.size + 1 }, () => work().catch(stop)));
  const failure = settled.find((outcome) => outcome.status === "rejected");
  if (failure) throw failure.reason;
  return results;
}
