import type { Command } from "commander";
import { withLoad } from "../../benchmark/benchmark-options.ts";
import type { BenchmarkCommandOptions } from "../../benchmark/run-benchmark.ts";
import type { CommandContext } from "../../context.ts";
import { withWorker } from "../../place/on-worker.ts";
import { openPlace, type PlaceOptions, withWait } from "../../place/open-place.ts";

/** `octet profile benchmark PROFILE` */
export function addProfileBenchmark(profile: Command, context: CommandContext): void {
  withLoad(withWorker(withWait(profile.command("benchmark").description("Measure a profile's speed, in turns with what it would replace"))))
    .argument("<profile>", "its name or id")
    .action(
      context.action(async (name: string, options: BenchmarkCommandOptions & PlaceOptions) => {
        const { benchmarkProfile } = await import("../../benchmark/run-benchmark.ts");
        return benchmarkProfile(context, await openPlace(context, options), name, options);
      }),
    );
}
