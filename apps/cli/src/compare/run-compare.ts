import { defaultModelPath } from "@octet/inference/builtin-models";
import type { CommandContext } from "../context.ts";
import type { ProviderName } from "../detect/provider-names.ts";
import { exitCodes } from "../output/output.ts";
import { type ImageFeedOptions, imageFeedOf } from "../image-feed-options.ts";
import { startProgress } from "../output/progress.ts";
import { sampleFolder } from "@octet/precision/validate/sample-folder";
import { compareModels } from "./compare-models.ts";
import { comparisonText } from "./report.ts";

export interface CompareCommandOptions extends ImageFeedOptions {
  images: string;
  samples: number;
  confidence: number;
  minSqnr?: number;
  provider: ProviderName;
}

/** `octet compare`, once its options are read. */
export async function runCompare({ output }: CommandContext, a: string, b: string, options: CompareCommandOptions): Promise<number> {
  const { samples, confidence, provider, minSqnr } = options;
  const images = await sampleFolder(options.images, samples);
  const file = (model: string) => (model === "default" ? defaultModelPath() : model);
  let progress: ReturnType<typeof startProgress> | undefined;
  const comparison = await compareModels({
    a: file(a),
    b: file(b),
    images,
    confidence,
    feed: imageFeedOf(options),
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
