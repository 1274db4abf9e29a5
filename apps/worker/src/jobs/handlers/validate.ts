import { availableParallelism } from "node:os";
import path from "node:path";
import { validateModel } from "@octet/precision/validate/validate-model";
import { AppError } from "@octet/shared/errors";
import type { JobHandler } from "../handlers.ts";
import { modelFile } from "../job-context.ts";
import { materialise } from "../materialise.ts";

export const validate: JobHandler<"validate"> = {
  stages: [
    ["fetching", 8],
    ["reading labels", 1],
    ["running the reference", 40],
    ["running the model", 40],
    ["comparing", 3],
    ["resampling", 8],
  ],
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
    const byPath = new Map(manifest.files.map((file) => [file.path, file]));
    return validateModel({
      ...models,
      layout: manifest.layout,
      images,
      groundTruth,
      threshold,
      pseudoLabels,
      threads: Math.min(settings.inferThreads, availableParallelism()),
      provider: settings.provider,
      imageOf: (file) => {
        const inside = path.relative(folder, file).split(path.sep).join("/");
        const known = byPath.get(inside);
        if (!known) throw new AppError("INTERNAL", `${inside} is not in the manifest`);
        return { path: inside, sha256: known.sha256 };
      },
      onProgress: context.progress,
    });
  },
};
