import { datasetFormats } from "@octet/vision/dataset/dataset";
import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { providerNames } from "../detect/provider-names.ts";
import { numberBetween } from "../options.ts";
import type { ValidateCommandOptions } from "../validate/run-validate.ts";

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
    .addOption(new Option("--provider <name>", "execution provider of ONNX Runtime").choices(providerNames).default("cpu"))
    .option("--threads <number>", "inference threads (one a core, up to 4)", numberBetween(1, 64, { whole: true }))
    .action(
      context.action(async (model: string, options: ValidateCommandOptions) => {
        const { runValidate } = await import("../validate/run-validate.ts");
        return runValidate(context, model, options);
      }),
    );
}
