import { defaultModelPath } from "@octet/inference/builtin-models";
import { type Command, Option } from "commander";
import { compareModels } from "../compare/compare-models.ts";
import { comparisonText } from "../compare/report.ts";
import type { CommandContext } from "../context.ts";
import { providers } from "../detect/detector.ts";
import { numberBetween } from "../options.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { sampleFolder } from "../validate/sample-folder.ts";

interface Options {
  images: string;
  samples: number;
  confidence: number;
  minSqnr?: number;
  provider: (typeof providers)[number];
}

/** `octet compare A B`: how far one form of a detector is from another, output by output and layer by layer. */
export function addCompare(program: Command, context: CommandContext): void {
  program
    .command("compare")
    .description("Compare two forms of a detector, such as FP32 and INT8: noise by output and layer, and the detections")
    .argument("<model-a>", "path of the ONNX detector that is taken for right, or `default`")
    .argument("<model-b>", "path of the other")
    .requiredOption("--images <folder>", "images to run both on, searched below it too")
    .option("--json", "one JSON document on stdout")
    .option("--samples <number>", "so many images, evenly spread", numberBetween(1, 1e6, { whole: true }), 8)
    .option("--confidence <score>", "compare detections from this score on", numberBetween(0.01, 1), 0.5)
    .option("--min-sqnr <dB>", "exit with 1 where an output's signal-to-noise ratio is below", numberBetween(-100, 400))
    .addOption(new Option("--provider <name>", "execution provider of ONNX Runtime").choices(providers).default("cpu"))
    .action(context.action((a: string, b: string, options: Options) => compare(context, a, b, options)));
}

async function compare({ output }: CommandContext, a: string, b: string, options: Options): Promise<number> {
  const { samples, confidence, provider, minSqnr } = options;
  const images = await sampleFolder(options.images, samples);
  const file = (model: string) => (model === "default" ? defaultModelPath() : model);
  let progress: ReturnType<typeof startProgress> | undefined;
  const comparison = await compareModels({
    a: file(a),
    b: file(b),
    images,
    confidence,
    provider,
    onProgress: (done, total) => {
      progress ??= startProgress("comparing", total, "runs");
      progress.update(done);
    },
  }).finally(() => progress?.finish());
  const below =
    minSqnr === undefined ? [] : comparison.outputs.filter(({ identical, sqnrDb }) => !identical && (sqnrDb ?? -Infinity) < minSqnr);
  const failed = below.map(({ name }) => name);
  output.result({ a: file(a), b: file(b), ...comparison, ...(minSqnr === undefined ? {} : { minSqnr, failed }) }, () =>
    [comparisonText(comparison), ...(failed.length > 0 ? [`below ${minSqnr} dB: ${failed.join(", ")}`] : [])].join("\n\n"),
  );
  return failed.length > 0 ? exitCodes.checkFailed : exitCodes.done;
}
