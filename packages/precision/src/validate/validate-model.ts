import type { Provider } from "@octet/inference/session-messages";
import type { DatasetLayout } from "@octet/shared/domain/dataset";
import type { AccuracyFigures, ValidationResult } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import type { DetectionDataset } from "@octet/vision/dataset/dataset";
import { readDataset } from "@octet/vision/dataset/read-dataset";
import { detectionsOf, type SharedClasses, sharedClasses } from "@octet/vision/dataset/select";
import { type Accuracy, measureAccuracy } from "@octet/vision/evaluate/accuracy";
import { bootstrapDifference } from "@octet/vision/evaluate/bootstrap";
import type { DetectedBoxes } from "@octet/vision/evaluate/ground-truth";
import { Detector } from "../detect/detector.ts";
import { disagreements } from "./disagreements.ts";
import { imageSize, PreparedImages } from "./prepared-images.ts";
import { pseudoLabelled, type UnlabelledImage, unlabelledImages } from "./pseudo-labels.ts";
import { detectDataset } from "./run-dataset.ts";

export interface ValidationRequest {
  /** Paths of the model and of the float model to hold it against. */
  subject: string;
  reference: string;
  layout: DatasetLayout;
  /** Folder of the images, and what holds the labels (null for layout `images`). */
  images: string;
  groundTruth: string | null;
  /** The score that precision, recall and the pictures of disagreement are at. */
  threshold: number;
  /** What the reference finds at the threshold is the truth. */
  pseudoLabels: boolean;
  threads: number;
  provider?: Provider;
  /** The name under which the result knows an image, and its hash, by its path on disk. */
  imageOf(path: string): { path: string; sha256: string };
  onProgress(stage: string, done: number, total: number): void;
}

/** Score below which detections are left out of a curve, and overlap above which one of two goes: as `octet validate`. */
const CONFIDENCE = 0.02;
const NMS_IOU = 0.5;
const SHOWN = 24;

/**
 * Accuracy of a model and of its reference on one data set, what is lost with how sure that is, and the images on which they
 * differ most.
 * @throws AppError MODEL_INVALID, MODEL_UNRECOGNISED, DATASET_INVALID, BAD_INPUT, INFERENCE_FAILED
 */
export async function validateModel(request: ValidationRequest): Promise<ValidationResult> {
  const { threshold, threads, provider = "cpu", onProgress } = request;
  onProgress("reading labels", 0, 1);
  const images = await imagesOf(request);
  const prepared = new PreparedImages();
  let shared = null as SharedClasses | null;
  const detect = async (model: string, stage: string) => {
    await using detector = await Detector.load({ model, threads, provider });
    const { labels } = detector.spec;
    // Of the reference, which comes first: refused before it runs over all of it for nothing.
    if ("format" in images) shared ??= sharedClasses(images, labels);
    return {
      labels,
      detections: await detectDataset({
        detector,
        images: images.images,
        confidence: CONFIDENCE,
        nmsIou: NMS_IOU,
        prepared,
        onProgress: (done) => onProgress(stage, done, images.images.length),
      }),
    };
  };
  const reference = await detect(request.reference, "running the reference");
  const subject = await detect(request.subject, "running the model");
  const { labels } = reference;
  const { dataset, classOf } = shared ?? {
    dataset: pseudoLabelled(images.images, reference.detections, { threshold, classes: labels }),
    classOf: [...labels.keys()],
  };
  onProgress("comparing", 0, 1);
  const measure = (detections: readonly DetectedBoxes[]): Accuracy =>
    measureAccuracy(dataset, detectionsOf(detections, classOf), { threshold });
  const measured = { subject: measure(subject.detections), reference: measure(reference.detections) };
  const figures = { subject: figuresOf(measured.subject, dataset), reference: figuresOf(measured.reference, dataset) };
  const drop = dropOf(measured, onProgress);
  return {
    ...figures,
    drop,
    keptPercent: keptPercent(figures, Object.keys(drop)),
    disagreements: await disagreements(images.images, reference.detections, subject.detections, {
      threshold,
      count: SHOWN,
      labels,
      describe: request.imageOf,
    }),
    pseudoLabels: request.pseudoLabels,
    // Whoever asks knows on what it was calibrated.
    calibratedOn: null,
  };
}

async function imagesOf(request: ValidationRequest): Promise<DetectionDataset | { images: UnlabelledImage[] }> {
  const { layout, images, groundTruth, pseudoLabels } = request;
  if (pseudoLabels) return { images: await unlabelledImages(images) };
  if (layout === "images" || groundTruth === null)
    throw new AppError("DATASET_INVALID", "The data set has no labels to validate against", {
      hint: "Choose one with labels, or let the reference's own detections serve as such (pseudo-labels).",
    });
  const dataset = await readDataset({ format: layout, images, groundTruth, imageSize });
  // Before the models run over all of it for nothing.
  if (dataset.images.every(({ truth }) => truth.ignore.every((ignored) => ignored === 1)))
    throw noObjects("The data set has no labelled objects");
  return dataset;
}

const noObjects = (message: string): AppError =>
  new AppError("DATASET_INVALID", message, { hint: "Accuracy needs images with labelled objects in them." });

const points = (share: number | null): number => (share ?? 0) * 100;

function figuresOf({ wider, coco, atThreshold }: Accuracy, { images }: Pick<DetectionDataset, "images">): AccuracyFigures {
  const { threshold, precision, recall, missRate, falseDiscoveryRate, truePositives, falseNegatives } = atThreshold;
  const faces = truePositives + falseNegatives;
  if (faces === 0) throw noObjects("No labelled object counts in this data set");
  const ap = wider
    ? Object.fromEntries(Object.entries(wider).map(([subset, { ap: value }]) => [subset, value === null ? null : value * 100]))
    : { ap: coco.ap === null ? null : coco.ap * 100, ap50: coco.ap50 === null ? null : coco.ap50 * 100 };
  return {
    ap,
    threshold,
    // 0/0 where nothing is detected: nothing of it is right, and nothing wrong.
    precision: points(precision),
    recall: points(recall),
    missRate: points(missRate),
    falsePositiveRate: points(falseDiscoveryRate),
    images: images.length,
    faces,
  };
}

function dropOf(
  { subject, reference }: Record<"subject" | "reference", Accuracy>,
  onProgress: ValidationRequest["onProgress"],
): ValidationResult["drop"] {
  const names = Object.keys(reference.figures).filter((name) => reference.figures[name]!.ap() !== null);
  const drop: ValidationResult["drop"] = {};
  for (const [index, name] of names.entries()) {
    onProgress("resampling", index, names.length);
    const { difference, low, high } = bootstrapDifference(subject.figures[name]!, reference.figures[name]!);
    drop[name] = { points: difference * 100, low: low * 100, high: high * 100 };
  }
  return drop;
}

/** Of the figure that kept least; 100 where the reference has nothing to lose. */
function keptPercent({ subject, reference }: Record<"subject" | "reference", AccuracyFigures>, names: readonly string[]): number {
  const kept = names.flatMap((name) => {
    const before = reference.ap[name] ?? 0;
    return before > 0 ? [((subject.ap[name] ?? 0) / before) * 100] : [];
  });
  return kept.length > 0 ? Math.min(...kept) : 100;
}
