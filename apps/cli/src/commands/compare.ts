import { type Command, Option } from "commander";
import type { CompareCommandOptions } from "../compare/run-compare.ts";
import type { CommandContext } from "../context.ts";
import { addImageFeedOptions } from "../image-feed-options.ts";
import { providerNames } from "../detect/provider-names.ts";
import { numberBetween } from "../options.ts";

/** `octet compare A B`: how far one form of a detector is from another, output by output and layer by layer. */
export function addCompare(program: Command, context: CommandContext): void {
  const command = program
    .command("compare")
    .description("Compare two forms of a detector, such as FP32 and INT8: noise by output and layer, and the detections")
    .argument("<model-a>", "path of the ONNX detector that is taken for right, or `default`")
    .argument("<model-b>", "path of the other")
    .requiredOption("--images <folder>", "images to run both on, searched below it too")
    .option("--json", "one JSON document on stdout")
    .option("--samples <number>", "so many images, evenly spread", numberBetween(1, 1e6, { whole: true }), 8)
    .option("--confidence <score>", "compare detections from this score on", numberBetween(0.01, 1), 0.5)
    .option("--min-sqnr <dB>", "exit with 1 where an output's signal-to-noise ratio is below", numberBetween(-100, 400))
    .addOption(new Option("--provider <name>", "execution provider of ONNX Runtime").choices(providerNames).default("cpu"));
  addImageFeedOptions(command).action(
    context.action(async (a: string, b: string, options: CompareCommandOptions) => {
      const { runCompare } = await import("../compare/run-compare.ts");
      return runCompare(context, a, b, options);
    }),
  );
}
