import { availableParallelism } from "node:os";
import { Detector } from "@octet/precision/detect/detector";
import { imageSize, type PreparedImages } from "@octet/precision/validate/prepared-images";
import { detectDataset } from "@octet/precision/validate/run-dataset";
import type { DetectionDataset } from "@octet/vision/dataset/dataset";
import { readDataset } from "@octet/vision/dataset/read-dataset";
import { sampleImages, selectClass } from "@octet/vision/dataset/select";
import { bootstrapDifference } from "@octet/vision/evaluate/bootstrap";
import { evaluateCoco } from "@octet/vision/evaluate/coco";
import type { ResamplableAp } from "@octet/vision/evaluate/resamplable";
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

/** WIDER FACE's training images that are here, with their labels: more than there are validation images, and no official figure. */
export async function readTraining(): Promise<DetectionDataset> {
  const whole = await readDataset({
    format: "yolo",
    images: widerData("train", "images"),
    groundTruth: widerData("train", "labels"),
    imageSize,
  });
  return selectClass(whole, "face");
}

export interface FormAccuracy {
  ap: WiderAp;
  /** To resample. */
  subsets: Record<WiderSubset, ResamplableAp>;
  /** AP at an IoU of 0.5 over the training images, percent. Calibration saw them, without their labels. */
  trainingAp50: number;
}

/** Accuracy of one form of a detector; `prepared` is shared by its forms. */
export async function measureAccuracyOf(
  model: string,
  { validation, training }: { validation: DetectionDataset; training: DetectionDataset },
  prepared: PreparedImages,
): Promise<FormAccuracy> {
  await using detector = await Detector.load({ model, threads: Math.min(4, availableParallelism()) });
  const detect = ({ images }: DetectionDataset) => detectDataset({ detector, images, prepared, ...detectionOptions });
  const truths = validation.images.map(({ truth: { boxes }, subsets }) => {
    if (!subsets) throw new Error("The ground truth has no easy, medium and hard faces");
    return { boxes, counted: subsets };
  });
  const subsets = evaluateWider(truths, await detect(validation));
  const percent = (subset: WiderSubset) => (subsets[subset].ap() ?? Number.NaN) * 100;
  const { ap50 } = evaluateCoco(
    training.images.map(({ truth }) => truth),
    await detect(training),
    { maxDetections: 1000 },
  );
  return {
    ap: { easy: percent("easy"), medium: percent("medium"), hard: percent("hard") },
    subsets,
    trainingAp50: (ap50 ?? Number.NaN) * 100,
  };
}

/** Points that a form gains on the float model (loses, where negative), and between what 95 % of paired bootstraps over the images lie. */
export function gainOver(float: FormAccuracy, form: FormAccuracy, subset: WiderSubset): { points: number; low: number; high: number } {
  const { difference, low, high } = bootstrapDifference(float.subsets[subset], form.subsets[subset]);
  return { points: difference * 100, low: low * 100, high: high * 100 };
}
