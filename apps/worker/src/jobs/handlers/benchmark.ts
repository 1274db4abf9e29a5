import path from "node:path";
import { benchmarkModel } from "@octet/precision/bench/benchmark-model";
import type { JobHandler } from "../handlers.ts";
import { modelFile } from "../job-context.ts";

export const benchmark: JobHandler<"benchmark"> = {
  stages: [
    ["fetching", 5],
    ["warming up", 5],
    ["measuring", 40],
    ["streams", 50],
  ],
  async run({ subject, reference, batches, seconds, streams }, context) {
    context.progress("fetching");
    const { home, provider, inferThreads, mediaThreads, decodeInPool } = context.settings;
    return benchmarkModel({
      subject: await modelFile(context, subject, "subject"),
      reference: reference && (await modelFile(context, reference, "reference")),
      batches,
      seconds,
      streams,
      provider,
      threads: inferThreads,
      mediaThreads,
      decodeInPool,
      mediaRoot: path.join(home, "media"),
      clipCache: path.join(home, "clips"),
      onProgress: context.progress,
      log: context.log,
    });
  },
};
