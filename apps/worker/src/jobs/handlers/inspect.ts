import { describeDetector } from "@octet/precision/inspect/describe-detector";
import type { JobHandler } from "../handlers.ts";
import { modelFile } from "../job-context.ts";

export const inspect: JobHandler<"inspect"> = {
  stages: [
    ["fetching", 1],
    ["reading", 1],
  ],
  async run({ model }, context) {
    context.progress("fetching");
    const file = await modelFile(context, model, "model");
    context.progress("reading");
    return describeDetector(file);
  },
};
