import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { DetectionDataset } from "@octet/vision/dataset/dataset";
import { detectionsOf, sharedClasses } from "@octet/vision/dataset/select";
import { measureAccuracy } from "@octet/vision/evaluate/accuracy";
import type { DetectorSpec } from "@octet/vision/models/family";
import { Detector } from "../detect/detector.ts";
import { PreparedImages } from "../validate/prepared-images.ts";
import { detectDataset } from "../validate/run-dataset.ts";

/** Score below which detections are left out of a curve, and overlap above which one of two goes. */
const CONFIDENCE = 0.02;
const NMS_IOU = 0.5;

/** Average precision of models on the classes that they share with one labelled data set, images decoded once. */
export class AccuracyJudge {
  private readonly dataset: DetectionDataset;
  private readonly threads: number;
  private readonly prepared = new PreparedImages();

  constructor(dataset: DetectionDataset, threads: number) {
    this.dataset = dataset;
    this.threads = threads;
  }

  /** Before anything is measured. @throws AppError BAD_INPUT where the detector and the data set share no class */
  check({ labels }: Pick<DetectorSpec, "labels">): void {
    sharedClasses(this.dataset, labels);
  }

  /**
   * By metric (WIDER: easy, medium, hard; else AP and AP50), in points, 0–100. A subset without faces is left out.
   * `model` is the bytes of an ONNX detector, run as production runs it.
   * @throws AppError BAD_INPUT where model and data set share no class, MODEL_INVALID, MODEL_UNRECOGNISED, DATASET_INVALID, INFERENCE_FAILED
   */
  async measure(model: Uint8Array): Promise<Record<string, number>> {
    const folder = await mkdtemp(path.join(tmpdir(), "octet-judge-"));
    try {
      const file = path.join(folder, "model.onnx");
      await writeFile(file, model);
      await using detector = await Detector.load({ model: file, threads: this.threads });
      const { dataset, classOf } = sharedClasses(this.dataset, detector.spec.labels);
      const { images } = dataset;
      const found = await detectDataset({ detector, images, confidence: CONFIDENCE, nmsIou: NMS_IOU, prepared: this.prepared });
      const { wider, coco } = measureAccuracy(dataset, detectionsOf(found, classOf), { threshold: 0.5 });
      const metrics = wider ? { easy: wider.easy.ap, medium: wider.medium.ap, hard: wider.hard.ap } : { AP: coco.ap, AP50: coco.ap50 };
      return Object.fromEntries(Object.entries(metrics).flatMap(([name, ap]) => (ap === null ? [] : [[name, ap * 100]])));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
