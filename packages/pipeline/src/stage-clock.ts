import { LATENCY_WINDOW_MS, type Percentiles, stageNames } from "@octet/shared/domain/camera";
import type { StageTimes } from "@octet/shared/domain/detection";
import { STAGE_BUCKETS } from "@octet/shared/protocol/worker-protocol";
import { DurationCounts } from "./duration-counts.ts";

export type StageKey = (typeof stageNames)[number] | "total";
const keys: readonly StageKey[] = [...stageNames, "total"];

/** Stage times of the last `windowMs`, for one camera. Memory is bounded by `capacity` samples, of which the newest stay. */
export class StageWindow {
  private readonly windowMs: number;
  private readonly capacity: number;
  /** A ring: when each sample came, and the buckets of its times. */
  private readonly at: Float64Array;
  private readonly buckets: Uint16Array;
  private oldest = 0;
  private size = 0;
  private readonly counts = keys.map(() => new DurationCounts());

  constructor(windowMs = LATENCY_WINDOW_MS, capacity = 600) {
    this.windowMs = windowMs;
    this.capacity = capacity;
    this.at = new Float64Array(capacity);
    this.buckets = new Uint16Array(capacity * keys.length);
  }

  add(now: number, times: StageTimes, totalMs: number): void {
    if (this.size === this.capacity) this.forgetOldest();
    const place = (this.oldest + this.size) % this.capacity;
    this.size++;
    this.at[place] = now;
    for (const [index, key] of keys.entries())
      this.buckets[place * keys.length + index] = this.counts[index]!.add(key === "total" ? totalMs : times[key]);
  }

  /** Milliseconds, within 1 %; empty where nothing was inferred within the window. */
  percentiles(now: number): Partial<Record<StageKey, Percentiles>> {
    while (this.size > 0 && this.at[this.oldest]! < now - this.windowMs) this.forgetOldest();
    if (this.size === 0) return {};
    const result: Partial<Record<StageKey, Percentiles>> = {};
    for (const [index, key] of keys.entries()) {
      const [p50, p95, p99] = this.counts[index]!.percentiles([0.5, 0.95, 0.99]);
      result[key] = { p50: p50!, p95: p95!, p99: p99! };
    }
    return result;
  }

  /** Samples within the last `ms`, a second. */
  rate(now: number, ms: number): number {
    let count = 0;
    while (count < this.size && this.at[(this.oldest + this.size - 1 - count) % this.capacity]! > now - ms) count++;
    return (count * 1000) / ms;
  }

  private forgetOldest(): void {
    for (const [index, counts] of this.counts.entries()) counts.remove(this.buckets[this.oldest * keys.length + index]!);
    this.oldest = (this.oldest + 1) % this.capacity;
    this.size--;
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
