import { AppError } from "@octet/shared/errors";
import type { Command } from "commander";
import { withLoad } from "../benchmark/benchmark-options.ts";
import type { BenchmarkCommandOptions } from "../benchmark/run-benchmark.ts";
import type { CommandContext } from "../context.ts";
import { withWorker } from "../place/on-worker.ts";
import { openPlace, type PlaceOptions, withWait } from "../place/open-place.ts";

type Options = BenchmarkCommandOptions & PlaceOptions & { profile?: string };

/** `octet benchmark MODEL|PROFILE`: latency, throughput, memory, and how many streams hold their rate. */
export function addBenchmark(program: Command, context: CommandContext): void {
  withLoad(
    withWorker(
      withWait(
        program
          .command("benchmark")
          .description(
            "Measure a model's file on this host, or a profile where it lies: latency, memory, and how many streams hold their rate",
          ),
      ),
    ),
  )
    .argument("[model-or-profile]", "path of an ONNX detector, `default`, or a profile's name")
    .option("--profile <name>", "a profile, whose name is that of a file here too")
    .option("--against <model>", "of a file: run in turns with this one")
    .action(
      context.action(async (given: string | undefined, options: Options) => {
        const { benchmarkFile, benchmarkProfile, isModelFile } = await import("../benchmark/run-benchmark.ts");
        const { profile } = options;
        if ((given === undefined) === (profile === undefined))
          throw new AppError("BAD_INPUT", "Which model or profile?", {
            hint: "Give one: the path of a file, `default`, or a profile's name.",
          });
        if (given !== undefined && (await isModelFile(given))) return benchmarkFile(context, given, options);
        return benchmarkProfile(context, await openPlace(context, options), profile ?? given!, options);
      }),
    );
}
