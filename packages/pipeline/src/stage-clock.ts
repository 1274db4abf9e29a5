import { LATENCY_WINDOW_MS, type Percentiles, stageNames } from "@octet/shared/domain/camera";
import type { StageTimes } from "@octet/shared/domain/detection";
import { STAGE_BUCKETS } from "@octet/shared/protocol/worker-protocol";

export type StageKey = (typeof stageNames)[number] | "total";
const keys: readonly StageKey[] = [...stageNames, "total"];

/** Nearest-rank percentile of ascending `sorted`; 0 for none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

/** Stage times of the last `windowMs`, for one camera. Memory is bounded by `capacity` samples. */
export class StageWindow {
  private readonly samples: { at: number; times: Record<StageKey, number> }[] = [];
  private readonly windowMs: number;
  private readonly capacity: number;

  constructor(windowMs = LATENCY_WINDOW_MS, capacity = 600) {
    this.windowMs = windowMs;
    this.capacity = capacity;
  }

  add(now: number, times: StageTimes, totalMs: number): void {
    this.samples.push({ at: now, times: { ...times, total: totalMs } });
    if (this.samples.length > this.capacity) this.samples.shift();
  }

  /** Milliseconds; empty where nothing was inferred within the window. */
  percentiles(now: number): Partial<Record<StageKey, Percentiles>> {
    while (this.samples[0] && this.samples[0].at < now - this.windowMs) this.samples.shift();
    if (this.samples.length === 0) return {};
    const result: Partial<Record<StageKey, Percentiles>> = {};
    for (const key of keys) {
      const sorted = Float64Array.from(this.samples, (sample) => sample.times[key]).sort();
      result[key] = { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p99: percentile(sorted, 0.99) };
    }
    return result;
  }

  /** Samples within the last `ms`, a second. */
  rate(now: number, ms: number): number {
    let count = 0;
    for (let i = this.samples.length - 1; i >= 0 && (this.samples[i]?.at ?? 0) > now - ms; i--) count++;
    return (count * 1000) / ms;
  }
}

/** `between`: what of the total no stage accounts for, such as the way from one thread to another. */
const histogramKeys = [...keys, "between"] as const;

/** Cumulative histograms of stage seconds since the process began: sums of workers are sums of these. */
export class StageHistograms {
  private readonly counts = new Map<(typeof histogramKeys)[number], { counts: number[]; sum: number }>(
    histogramKeys.map((key) => [key, { counts: Array.from({ length: STAGE_BUCKETS.length + 1 }, () => 0), sum: 0 }]),
  );

  add(times: StageTimes, totalMs: number): void {
    const inStages = stageNames.reduce((sum, name) => sum + times[name], 0);
    for (const key of histogramKeys) {
      const seconds = (key === "total" ? totalMs : key === "between" ? Math.max(0, totalMs - inStages) : times[key]) / 1000;
      const histogram = this.counts.get(key);
      if (!histogram) continue;
      let bucket = STAGE_BUCKETS.findIndex((bound) => seconds <= bound);
      if (bucket < 0) bucket = STAGE_BUCKETS.length;
      histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
      histogram.sum += seconds;
    }
  }

  /** One entry a stage; `counts[i]` is the number within bound i alone, the last one is above all bounds. */
  snapshot(): { stage: string; counts: number[]; sum: number }[] {
    return [...this.counts].map(([stage, { counts, sum }]) => ({ stage, counts: [...counts], sum }));
  }
}
