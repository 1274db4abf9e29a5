import path from "node:path";
import { imageLookup } from "@octet/precision/dataset/image-lookup";
import { validationStages } from "@octet/precision/progress/stages";
import { validateModel } from "@octet/precision/validate/validate-model";
import { usableCores } from "@octet/shared/host-limits";
import type { JobHandler } from "../handlers.ts";
import { modelFile } from "../job-context.ts";
import { materialise } from "../materialise.ts";

export const validate: JobHandler<"validate"> = {
  stages: [["fetching", 8], ...validationStages],
  async run({ subject, reference, dataset, threshold, pseudoLabels }, context) {
    context.progress("fetching");
    const { settings } = context;
    const models = { subject: await modelFile(context, subject, "subject"), reference: await modelFile(context, reference, "reference") };
    const { manifest, folder, images, groundTruth } = await materialise(
      context.artifacts,
      dataset,
      path.join(settings.home, "cache", "datasets"),
      (done, total) => context.progress("fetching", done, total),
    );
    return validateModel({
      ...models,
      layout: manifest.layout,
      images,
      groundTruth,
      threshold,
      pseudoLabels,
      threads: Math.min(settings.inferThreads, usableCores()),
      provider: settings.provider,
      imageOf: imageLookup(manifest, folder),
      onProgress: context.progress,
    });
  },
};
