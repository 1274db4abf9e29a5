import { availableParallelism } from "node:os";
import { type DatasetFormat, datasetFormats } from "@octet/vision/dataset/dataset";
import { readDataset } from "@octet/vision/dataset/read-dataset";
import { sampleImages, selectClass } from "@octet/vision/dataset/select";
import { measureAccuracy } from "@octet/vision/evaluate/accuracy";
import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { Detector, providers } from "../detect/detector.ts";
import { numberBetween } from "../options.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { imageSize } from "../validate/prepared-images.ts";
import { accuracyReport, accuracyText, datasetText } from "../validate/report.ts";
import { detectDataset } from "../validate/run-dataset.ts";

interface Options {
  format: DatasetFormat;
  images: string;
  groundTruth: string;
  samples?: number;
  confidence: number;
  nms: number;
  threshold: number;
  class?: string;
  provider: (typeof providers)[number];
  threads?: number;
}

const MAX_THREADS = 4;

/** `octet validate MODEL`: accuracy on a labelled data set. */
export function addValidate(program: Command, context: CommandContext): void {
  program
    .command("validate")
    .description("Measure a detector's accuracy on a labelled data set (docs/evaluation.md)")
    .argument("<model>", "path of an ONNX detector, or `default`")
    .addOption(new Option("--format <name>", "layout of the data set").choices(datasetFormats).makeOptionMandatory())
    .requiredOption("--images <folder>", "the images, searched below it too")
    .requiredOption(
      "--ground-truth <path>",
      "wider: folder of the .mat files, or wider_face_val_bbx_gt.txt; yolo: folder of labels; coco: JSON file; voc: folder of XML files",
    )
    .option("--json", "one JSON document on stdout")
    .option("--samples <number>", "so many images, evenly spread over the set", numberBetween(1, 1e9, { whole: true }))
    .option("--confidence <score>", "leave out detections below this: keep it low, a curve needs them", numberBetween(0.001, 1), 0.02)
    .option("--nms <iou>", "drop a detection that overlaps a better one by more", numberBetween(0.01, 1), 0.5)
    .option("--threshold <score>", "score at which precision, recall and false positives are counted", numberBetween(0, 1), 0.5)
    .option("--class <name>", "of a data set with several classes the one to look for")
    .addOption(new Option("--provider <name>", "execution provider of ONNX Runtime").choices(providers).default("cpu"))
    .option("--threads <number>", "inference threads (one a core, up to 4)", numberBetween(1, 64, { whole: true }))
    .action(context.action((model: string, options: Options) => validate(context, model, options)));
}

async function validate({ output }: CommandContext, model: string, options: Options): Promise<number> {
  const { format, images, groundTruth, confidence, nms, threshold, provider, samples } = options;
  const threads = options.threads ?? Math.min(MAX_THREADS, availableParallelism());
  const whole = await readDataset({ format, images, groundTruth, imageSize });
  await using detector = await Detector.load({ model, threads, provider });
  const selected = selectClass(whole, detector.spec.label, options.class);
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
  const accuracy = measureAccuracy(dataset, detections, { threshold });
  output.result(
    {
      model: { ...detector.info, path: detector.path },
      dataset: {
        format,
        class: dataset.classes[0],
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
