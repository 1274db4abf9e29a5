import { defaultModelPath } from "@octet/inference/builtin-models";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { sampleFolder } from "@octet/precision/validate/sample-folder";
import { convertModel } from "@octet/precision/convert/convert-model";
import { type ImageFeedOptions, imageFeedOf } from "../image-feed-options.ts";
import { conversionText } from "./report.ts";

export interface ConvertCommandOptions extends ImageFeedOptions {
  out: string;
  rangesFrom?: string;
  samples: number;
  keep: string[];
}

/** `octet convert`, once its options are read. */
export async function runConvert(
  { output }: CommandContext,
  model: string,
  { out, rangesFrom, samples, keep, ...more }: ConvertCommandOptions,
): Promise<number> {
  const images = rangesFrom === undefined ? [] : await sampleFolder(rangesFrom, samples);
  const progress = startProgress("observing", images.length, "images");
  const conversion = await convertModel({
    model: model === "default" ? defaultModelPath() : model,
    out,
    keep,
    images,
    feed: imageFeedOf(more),
    onImage: progress.update,
  }).finally(progress.finish);
  output.result(conversion, () => conversionText(conversion));
  return exitCodes.done;
}
