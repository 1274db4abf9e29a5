import { AppError } from "@octet/shared/errors";
import { type Command, InvalidArgumentError } from "commander";
import { type Cell, measureModels } from "../bench/measure.ts";
import { loadBenchModel } from "../bench/model-inputs.ts";
import type { CommandContext } from "../context.ts";
import { numberBetween } from "../options.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { table } from "../output/table.ts";
import { bytes, milliseconds } from "../output/units.ts";
import { defaultModelPath } from "@octet/inference/builtin-models";

interface Options {
  batch: number[];
  threads: number[];
  seconds: number;
  rounds: number;
}

/** "1,4" as whole numbers from 1. */
function listOfNumbers(text: string): number[] {
  const values = text.split(",").map((part) => Number(part.trim() || Number.NaN));
  if (!values.every((value) => Number.isInteger(value) && value >= 1 && value <= 256))
    throw new InvalidArgumentError("Give whole numbers from 1 to 256, separated by commas.");
  return [...new Set(values)];
}

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
    .action(context.action((models: string[], options: Options) => bench(context, models, options)));
}

async function bench({ output }: CommandContext, files: string[], { batch, threads, seconds, rounds }: Options): Promise<number> {
  const models = [];
  for (const file of files) models.push(await loadBenchModel(file === "default" ? defaultModelPath() : file));
  const plan = threads.flatMap((threadCount) => batch.map((images) => ({ threads: threadCount, batch: images })));
  const total = plan.length * rounds * models.length;
  const progress = startProgress("measuring", total, "turns");
  let done = 0;
  const results: { threads: number; batch: number; cells: Cell[] }[] = [];
  try {
    for (const cell of plan) {
      const cells = await measureModels(models, { ...cell, seconds, rounds, onProgress: () => progress.update(++done) });
      // What was skipped took no turn.
      done = results.length * rounds * models.length + rounds * models.length;
      results.push({ ...cell, cells });
    }
  } finally {
    progress.finish();
  }
  if (results.every(({ cells }) => cells.every(({ measured }) => measured === null)))
    throw new AppError("MODEL_UNSUPPORTED", `No model runs a batch of ${batch.join(" or ")}: ${results[0]!.cells[0]!.skipped}`, {
      hint: "Give --batch the size that the models are fixed at.",
    });
  output.result(
    {
      models: models.map(({ name, path, sizeBytes }) => ({ name, path, sizeBytes })),
      options: { batch, threads, seconds, rounds },
      results: results.flatMap(({ threads: threadCount, batch: images, cells }) =>
        cells.map((cell, index) => ({ model: index, threads: threadCount, batch: images, ...cellReport(cell) })),
      ),
    },
    () => results.map(cellsText).join("\n\n"),
  );
  return exitCodes.done;
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

function cellReport({ measured, skipped }: Cell) {
  if (!measured) return { skipped };
  const { runs, p50, p95, p99, throughput, ratio, ratioRange } = measured;
  return {
    skipped,
    runs,
    latencyMs: { p50: round(p50, 3), p95: round(p95, 3), p99: round(p99, 3) },
    imagesPerSecond: round(throughput, 3),
    ratio: round(ratio, 4),
    ratioRange: ratioRange.map((value) => round(value, 4)),
  };
}

function cellsText({ threads, batch, cells }: { threads: number; batch: number; cells: Cell[] }): string {
  const text = (of: (measured: NonNullable<Cell["measured"]>) => string) => ({
    of: ({ measured }: Cell) => (measured ? of(measured) : ""),
    align: "right" as const,
  });
  return `batch ${batch}, ${threads === 1 ? "1 thread" : `${threads} threads`}\n${table(
    cells,
    [
      { title: "MODEL", of: ({ model, skipped }) => (skipped ? `${model.name}: skipped, ${skipped}` : model.name) },
      { title: "SIZE", of: ({ model }) => bytes(model.sizeBytes), align: "right" },
      { title: "P50", ...text(({ p50 }) => milliseconds(p50)) },
      { title: "P95", ...text(({ p95 }) => milliseconds(p95)) },
      { title: "P99", ...text(({ p99 }) => milliseconds(p99)) },
      { title: "IMAGES/S", ...text(({ throughput }) => throughput.toFixed(1)) },
      { title: "RATIO", ...text(({ ratio }) => `${ratio.toFixed(2)}×`) },
      { title: "RANGE", ...text(({ ratioRange }) => ratioRange.map((value) => value.toFixed(2)).join("–")) },
    ],
    "",
  )}`;
}
