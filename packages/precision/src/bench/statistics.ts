import { percentile } from "@octet/shared/percentile";

/** The middle value; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : sorted.length === 0 ? 0 : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** At most `most` of the values, evenly spread, the first and the last among them. */
export function evenly<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  return Array.from({ length: most }, (_, at) => values[Math.round((at * (values.length - 1)) / (most - 1))]!);
}

/** Of the straight line through the points that errs least in squares, y per x; 0 of fewer than two. */
export function slope(points: readonly { x: number; y: number }[]): number {
  const mean = (of: (point: { x: number; y: number }) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [mx, my] = [mean(({ x }) => x), mean(({ y }) => y)];
  const spread = points.reduce((sum, { x }) => sum + (x - mx) ** 2, 0);
  return spread > 0 ? points.reduce((sum, { x, y }) => sum + (x - mx) * (y - my), 0) / spread : 0;
}

/** What one model did in one round. */
export interface Round {
  /** One batch each, ms; of all threads. */
  latencies: Float64Array;
  /** From the start of the first run to the end of the last thread, ms. */
  wallMs: number;
}

export interface Measured {
  runs: number;
  /** Of one batch, ms, over all rounds. */
  p50: number;
  p95: number;
  p99: number;
  mean: number;
  /** Images a second of all threads together: the median of the rounds. */
  throughput: number;
  /** Throughput over the first model's in the same round, the median of the rounds; above 1 is faster. */
  ratio: number;
  /** Smallest and largest of the rounds' ratios: how far the host's noise reaches. */
  ratioRange: [least: number, most: number];
}

/** Summaries per model of interleaved rounds (`rounds[round][model]`). */
export function summarise(rounds: readonly (readonly Round[])[], batch: number): Measured[] {
  const speed = ({ latencies, wallMs }: Round) => (latencies.length * batch * 1000) / wallMs;
  return (rounds[0] ?? []).map((_, model) => {
    const mine = rounds.map((round) => round[model]!);
    const sorted = Float64Array.from(mine.flatMap(({ latencies }) => [...latencies])).sort();
    const ratios = rounds.map((round) => speed(round[model]!) / speed(round[0]!));
    return {
      runs: sorted.length,
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      p99: percentile(sorted, 0.99),
      mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
      throughput: median(mine.map(speed)),
      ratio: median(ratios),
      ratioRange: [Math.min(...ratios), Math.max(...ratios)],
    };
  });
}
