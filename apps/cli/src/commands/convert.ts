import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { addImageFeedOptions } from "../image-feed-options.ts";
import type { ConvertCommandOptions } from "../convert/run-convert.ts";
import { numberBetween } from "../options.ts";

/** `octet convert MODEL --to fp16 --out FILE`: a smaller model without calibration. */
export function addConvert(program: Command, context: CommandContext): void {
  const command = program
    .command("convert")
    .description("Convert a model to float16; its inputs and outputs stay float32")
    .argument("<model>", "path of an ONNX model, or `default`")
    .addOption(new Option("--to <precision>", "what it shall compute in").choices(["fp16"]).makeOptionMandatory())
    .requiredOption("--out <file>", "where the converted model is written")
    .option("--ranges-from <folder>", "run a detector on these images first; what leaves float16's range there stays float32")
    .option("--samples <number>", "with --ranges-from: so many images, evenly spread", numberBetween(1, 1e6, { whole: true }), 32)
    .option("--keep <names...>", "operators, or nodes by name, that stay float32 too", [])
    .option("--json", "one JSON document on stdout");
  addImageFeedOptions(command).action(
    context.action(async (model: string, options: ConvertCommandOptions) => {
      const { runConvert } = await import("../convert/run-convert.ts");
      return runConvert(context, model, options);
    }),
  );
}
