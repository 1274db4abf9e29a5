import path from "node:path";
import { buildProfile } from "@octet/precision/build/build-profile";
import { buildStages } from "@octet/precision/progress/stages";
import { sampleFolder } from "@octet/precision/validate/sample-folder";
import { renderReport } from "@octet/quantize/analyse/report-html";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { AppError } from "@octet/shared/errors";
import type { JobHandler } from "../handlers.ts";
import { type JobContext, modelFile } from "../job-context.ts";
import { materialise, readManifest } from "../materialise.ts";

export const build: JobHandler<"build"> = {
  stages: [["fetching", 5], ...buildStages, ["sending", 3]],
  async run({ model, options, calibration }, context) {
    context.progress("fetching");
    const file = await modelFile(context, model, "model");
    const images = calibration ? await calibrationImages(calibration, options.samples, context) : [];
    const out = path.join(context.folder, "profile.onnx");
    const { summary, report, warnings } = await buildProfile({
      model: file,
      out,
      options,
      images,
      tool: context.settings.tool,
      onProgress: context.progress,
    });
    for (const warning of warnings) context.log(warning);
    context.progress("sending", 0, 3);
    const artifact = await context.artifacts.put(out);
    context.progress("sending", 1, 3);
    const sent = report && {
      report: await context.artifacts.putBytes(JSON.stringify(report)),
      reportPage: await context.artifacts.putBytes(renderReport(report)),
    };
    context.progress("sending", 3, 3);
    const { report: json = null, reportPage = null } = sent ?? {};
    return { artifact, report: json, reportPage, summary, warnings, tool: context.settings.tool };
  },
};

/** Paths of the set's images, as many as are to be used, evenly spread. */
async function calibrationImages(ref: ArtifactRef, samples: number, context: JobContext): Promise<string[]> {
  const { images, files } = await readManifest(context.artifacts, ref);
  if (!files.some(({ path: file }) => file.startsWith(`${images}/`)))
    throw new AppError("CALIBRATION_EMPTY", "The calibration set has no images", {
      hint: "Choose another one: frames of the cameras that will run it.",
    });
  const dataset = await materialise(context.artifacts, ref, path.join(context.settings.home, "cache", "datasets"), (done, total) =>
    context.progress("fetching", done, total),
  );
  return sampleFolder(dataset.images, samples);
}
