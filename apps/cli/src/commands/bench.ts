import type { Command } from "commander";
import type { BenchCommandOptions } from "../bench/run-bench.ts";
import type { CommandContext } from "../context.ts";
import { listOfNumbers, numberBetween } from "../options.ts";

/** `octet bench MODEL…`: speed of models against each other. */
export function addBench(program: Command, context: CommandContext): void {
  program
    .command("bench")
    .description("Measure the speed of models, run in turns, against the first of them")
    .argument("<models...>", "paths of ONNX models, or `default`")
    .option("--json", "one JSON document on stdout")
    .option("--batch <numbers>", "images a run, such as 1,4", listOfNumbers, [1])
    .option("--threads <numbers>", "sessions at work at once, each with one thread, such as 1,2", listOfNumbers, [1])
    .option("--seconds <number>", "of each model in each round", numberBetween(0.05, 600), 1)
    .option("--rounds <number>", "each runs every model", numberBetween(1, 1000, { whole: true }), 7)
    .action(
      context.action(async (models: string[], options: BenchCommandOptions) => {
        const { runBench } = await import("../bench/run-bench.ts");
        return runBench(context, models, options);
      }),
    );
}
