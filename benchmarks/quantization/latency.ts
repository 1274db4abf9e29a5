import { BenchWorker } from "@octet/precision/bench/bench-worker";
import { benchInputs, loadBenchModel } from "@octet/precision/bench/model-inputs";
import { median } from "@octet/precision/bench/statistics";

export interface Latency {
  /** Of one image on one thread, ms: the median over the rounds of each round's median. */
  ms: number;
  /** How many times faster than the first of its group: the median of the rounds' ratios. */
  ratio: number;
  /** Smallest and largest of the rounds' ratios. */
  ratioRange: [least: number, most: number];
}

const WARM_UP_RUNS = 5;
const LEAST_RUNS = 3;

/**
 * Latency of models in groups, each group the forms of one model, its first the one to compare with. All are loaded;
 * every round runs every model, a group's forms right after each other and beginning with another one every time, so that
 * a spell in which the host is slow hits all alike. Sessions are as production has them.
 */
export async function measureLatencies(
  groups: readonly (readonly string[])[],
  { rounds, seconds, onRound }: { rounds: number; seconds: number; onRound?(done: number): void },
): Promise<Latency[][]> {
  const workers: BenchWorker[][] = [];
  try {
    for (const group of groups) {
      const pool: BenchWorker[] = [];
      workers.push(pool);
      for (const file of group) {
        const inputs = benchInputs(await loadBenchModel(file), 1);
        if (typeof inputs === "string") throw new Error(`${file} does not take one image: ${inputs}`);
        pool.push(await BenchWorker.start({ modelPath: file, inputs }));
      }
    }
    for (const worker of workers.flat()) await worker.run(0, WARM_UP_RUNS);
    const times = groups.map((group) => group.map((): number[] => []));
    for (let round = 0; round < rounds; round++) {
      for (const [index, pool] of workers.entries()) {
        for (let turn = 0; turn < pool.length; turn++) {
          const form = (turn + round) % pool.length;
          times[index]![form]!.push(median([...(await pool[form]!.run(seconds * 1000, LEAST_RUNS))]));
        }
      }
      onRound?.(round + 1);
    }
    return times.map((forms) => forms.map((mine) => summarise(mine, forms[0]!)));
  } finally {
    await Promise.all(workers.flat().map((worker) => worker[Symbol.asyncDispose]()));
  }
}

function summarise(mine: readonly number[], first: readonly number[]): Latency {
  const ratios = mine.map((ms, round) => first[round]! / ms);
  return { ms: median(mine), ratio: median(ratios), ratioRange: [Math.min(...ratios), Math.max(...ratios)] };
}
