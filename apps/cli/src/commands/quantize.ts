import { equalizations } from "@octet/precision/quantize/equalization";
import { datasetFormats } from "@octet/vision/dataset/dataset";
import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { addImageFeedOptions } from "../image-feed-options.ts";
import { numberBetween, weightBitsChoices } from "../options.ts";
import type { QuantizeCommandOptions } from "../quantize/run-quantize.ts";

/** `octet quantize MODEL`: INT8 from images, without labels. */
export function addQuantize(program: Command, context: CommandContext): void {
  const command = program
    .command("quantize")
    .description("Quantise a detector to INT8, calibrated on images (docs/quantization.md)")
    .argument("<model>", "path of an ONNX detector, or `default`")
    .requiredOption("--calibration <folder>", "images like those that the cameras will give; searched below it too")
    .requiredOption("--out <file>", "where the quantised model is written")
    .addOption(
      new Option("--method <name>", "how ranges are chosen (the one with least error at the heads, unless given)").choices([
        "minmax",
        "ema",
        "percentile",
        "entropy",
        "mse",
      ]),
    )
    .addOption(new Option("--target <runtime>", "what will run it").choices(["onnxruntime", "tensorrt"]).default("onnxruntime"))
    .option("--samples <number>", "so many calibration images, evenly spread", numberBetween(1, 1e6, { whole: true }), 128)
    .addOption(
      new Option("--refine <how>", "what is done about rounding errors")
        .choices(["none", "bias", "adaround", "feedback"])
        .default("feedback"),
    )
    .addOption(
      new Option(
        "--equalize <what>",
        "what is balanced before ranges are looked for: channels of activations, or weights of layers in a row",
      )
        .choices(equalizations)
        .default("activations"),
    )
    .addOption(
      new Option(
        "--weight-bits <bits>",
        "paired: 8, but two that a kernel adds in 16 bits stay within these; auto: paired on x64 without VNNI, else 8",
      )
        .choices(weightBitsChoices)
        .default("auto"),
    )
    .option("--no-host-latency", "quantise layers too that this host runs faster in float (onnxruntime)")
    .option("--half", "what is not INT8 becomes FP16 (tensorrt)", false)
    .addOption(
      new Option(
        "--mixed-precision <mode>",
        "auto: sensitive layers stay float until the error at the heads, or with a data set the drop, is small enough",
      )
        .choices(["off", "auto"])
        .default("auto"),
    )
    .option(
      "--max-drop <points>",
      "AP points that INT8 may cost on any metric of the data set; exit 1 where it costs more",
      numberBetween(0, 100),
    )
    .option(
      "--max-latency <ms>",
      "one image on one thread of this host: as accurate as fits into that; exit 1 where nothing does (onnxruntime)",
      numberBetween(0.001, 60_000),
    )
    .option("--dataset <folder>", "images of a labelled data set to measure accuracy on (`octet validate`)")
    .option("--ground-truth <path>", "its labels")
    .addOption(new Option("--format <name>", "its layout").choices(datasetFormats).default("wider"))
    .option("--dataset-samples <number>", "so many of its images, evenly spread", numberBetween(1, 1e9, { whole: true }))
    .option("--report <file>", "distributions, SQNR by layer, sensitivity, trade-off: .html or .json")
    .option("--json", "one JSON document on stdout");
  addImageFeedOptions(command).action(
    context.action(async (model: string, options: QuantizeCommandOptions) => {
      const { runQuantize } = await import("../quantize/run-quantize.ts");
      return runQuantize(context, model, options);
    }),
  );
}
