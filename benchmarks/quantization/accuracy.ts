import { availableParallelism } from "node:os";
import { Detector } from "@octet/precision/detect/detector";
import { imageSize, type PreparedImages } from "@octet/precision/validate/prepared-images";
import { detectDataset } from "@octet/precision/validate/run-dataset";
import type { DetectionDataset } from "@octet/vision/dataset/dataset";
import { readDataset } from "@octet/vision/dataset/read-dataset";
import { sampleImages, selectClass } from "@octet/vision/dataset/select";
import { evaluateWider, type WiderSubset } from "@octet/vision/evaluate/wider";
import { widerData } from "./detectors.ts";

/** Percent. */
export type WiderAp = Record<WiderSubset, number>;

/** As `octet validate` has them by default. */
export const detectionOptions = { confidence: 0.02, nmsIou: 0.5 };

/** WIDER FACE's validation images that are here, or so many of them. */
export async function readWider(samples: number | undefined): Promise<DetectionDataset> {
  const whole = await readDataset({
    format: "wider",
    images: widerData("WIDER_val"),
    groundTruth: widerData("ground_truth"),
    imageSize,
  });
  const faces = selectClass(whole, "face");
  return samples === undefined ? faces : sampleImages(faces, samples);
}

/** AP of one form of a detector; `prepared` is shared by its forms. */
export async function measureAp(model: string, { images }: DetectionDataset, prepared: PreparedImages): Promise<WiderAp> {
  await using detector = await Detector.load({ model, threads: Math.min(4, availableParallelism()) });
  const detections = await detectDataset({ detector, images, prepared, ...detectionOptions });
  const truths = images.map(({ truth: { boxes }, subsets }) => {
    if (!subsets) throw new Error("The ground truth has no easy, medium and hard faces");
    return { boxes, counted: subsets };
  });
  const results = evaluateWider(truths, detections);
  const percent = (subset: WiderSubset) => (results[subset].ap() ?? Number.NaN) * 100;
  return { easy: percent("easy"), medium: percent("medium"), hard: percent("hard") };
}
