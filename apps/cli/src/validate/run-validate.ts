import { Detector } from "@octet/precision/detect/detector";
import { imageSize } from "@octet/precision/validate/prepared-images";
import { detectDataset } from "@octet/precision/validate/run-dataset";
import { usableCores } from "@octet/shared/host-limits";
import type { DatasetFormat } from "@octet/vision/dataset/dataset";
import { readDataset } from "@octet/vision/dataset/read-dataset";
import { detectionsOf, sampleImages, sharedClasses } from "@octet/vision/dataset/select";
import { measureAccuracy } from "@octet/vision/evaluate/accuracy";
import type { CommandContext } from "../context.ts";
import type { ProviderName } from "../detect/provider-names.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { accuracyReport, accuracyText, datasetText } from "./report.ts";

export interface ValidateCommandOptions {
  format: DatasetFormat;
  images: string;
  groundTruth: string;
  samples?: number;
  confidence: number;
  nms: number;
  threshold: number;
  class?: string;
  provider: ProviderName;
  threads?: number;
}

const MAX_THREADS = 4;

/** `octet validate`, once its options are read. */
export async function runValidate({ output }: CommandContext, model: string, options: ValidateCommandOptions): Promise<number> {
  const { format, images, groundTruth, confidence, nms, threshold, provider, samples } = options;
  const threads = options.threads ?? Math.min(MAX_THREADS, usableCores());
  const whole = await readDataset({ format, images, groundTruth, imageSize });
  await using detector = await Detector.load({ model, threads, provider });
  const { dataset: selected, classOf } = sharedClasses(whole, detector.spec.labels, options.class);
  const dataset = samples === undefined ? selected : sampleImages(selected, samples);
  const progress = startProgress("validating", dataset.images.length, "images");
  const started = performance.now();
  const detections = await detectDataset({
    detector,
    images: dataset.images,
    confidence,
    nmsIou: nms,
    onProgress: progress.update,
  }).finally(progress.finish);
  const seconds = (performance.now() - started) / 1000;
  const accuracy = measureAccuracy(dataset, detectionsOf(detections, classOf), { threshold });
  output.result(
    {
      model: { ...detector.info, path: detector.path },
      dataset: {
        format,
        class: dataset.classes.length === 1 ? dataset.classes[0] : null,
        classes: dataset.classes,
        images: dataset.images.length,
        of: dataset.total,
        missing: dataset.missing.length,
        warnings: dataset.warnings,
      },
      options: { confidence, nms, threshold, provider, threads },
      ...accuracyReport(accuracy),
      seconds: Number(seconds.toFixed(3)),
    },
    () =>
      `${detector.info.name}, ${detector.info.inputWidth}×${detector.info.inputHeight}, on ${format}: ${datasetText(dataset)}\n${seconds.toFixed(1)} s\n\n${accuracyText(accuracy)}`,
  );
  return exitCodes.done;
}
