import { defaultModelPath } from "@octet/inference/builtin-models";
import { type Command, Option } from "commander";
import type { CommandContext } from "../context.ts";
import { convertModel } from "../convert/convert-model.ts";
import { conversionText } from "../convert/report.ts";
import { numberBetween } from "../options.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { sampleFolder } from "../validate/sample-folder.ts";

interface Options {
  out: string;
  rangesFrom?: string;
  samples: number;
  keep: string[];
}

/** `octet convert MODEL --to fp16 --out FILE`: a smaller model without calibration. */
export function addConvert(program: Command, context: CommandContext): void {
  program
    .command("convert")
    .description("Convert a model to float16; its inputs and outputs stay float32")
    .argument("<model>", "path of an ONNX model, or `default`")
    .addOption(new Option("--to <precision>", "what it shall compute in").choices(["fp16"]).makeOptionMandatory())
    .requiredOption("--out <file>", "where the converted model is written")
    .option("--ranges-from <folder>", "run a detector on these images first; what leaves float16's range there stays float32")
    .option("--samples <number>", "with --ranges-from: so many images, evenly spread", numberBetween(1, 1e6, { whole: true }), 32)
    .option("--keep <names...>", "operators, or nodes by name, that stay float32 too", [])
    .option("--json", "one JSON document on stdout")
    .action(context.action((model: string, options: Options) => convert(context, model, options)));
}

async function convert({ output }: CommandContext, model: string, { out, rangesFrom, samples, keep }: Options): Promise<number> {
  const images = rangesFrom === undefined ? [] : await sampleFolder(rangesFrom, samples);
  const progress = startProgress("observing", images.length, "images");
  const conversion = await convertModel({
    model: model === "default" ? defaultModelPath() : model,
    out,
    keep,
    images,
    onImage: progress.update,
  }).finally(progress.finish);
  output.result(conversion, () => conversionText(conversion));
  return exitCodes.done;
}
