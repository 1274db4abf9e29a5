import { defaultModelPath } from "@octet/inference/builtin-models";
import { AppError } from "@octet/shared/errors";
import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { startProgress } from "../output/progress.ts";
import { table } from "../output/table.ts";
import { bytes, milliseconds } from "../output/units.ts";
import { type Cell, measureModels } from "@octet/precision/bench/measure";
import { loadBenchModel } from "@octet/precision/bench/model-inputs";

export interface BenchCommandOptions {
  batch: number[];
  threads: number[];
  seconds: number;
  rounds: number;
}

/** `octet bench`, once its options are read. */
export async function runBench(
  { output }: CommandContext,
  files: string[],
  { batch, threads, seconds, rounds }: BenchCommandOptions,
): Promise<number> {
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
