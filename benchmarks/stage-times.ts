import { STAGE_BUCKETS } from "@octet/shared/protocol/worker-protocol";
import { seriesValue } from "../e2e/system/site.ts";

/** Cumulative counts by upper bound, and the sum of seconds, as `/metrics` says them. */
export interface StageCounts {
  counts: number[];
  sum: number;
}

/** Reads one stage of `octet_stage_seconds` from Prometheus's text. */
export function stageCounts(text: string, stage: string): StageCounts {
  const counts = [...STAGE_BUCKETS, "+Inf"].map((bound) => seriesValue(text, `octet_stage_seconds_bucket{stage="${stage}",le="${bound}"}`));
  return { counts, sum: seriesValue(text, `octet_stage_seconds_sum{stage="${stage}"}`) };
}

/** Milliseconds between two readings: mean and percentiles, linear within a bucket. */
export function stageTimes(
  before: StageCounts,
  after: StageCounts,
): { frames: number; mean: number; p50: number; p95: number; p99: number } {
  const counts = after.counts.map((count, index) => count - (before.counts[index] ?? 0));
  const frames = counts.at(-1) ?? 0;
  const at = (share: number): number => {
    const rank = share * frames;
    const bucket = counts.findIndex((count) => count >= rank);
    const low = bucket > 0 ? STAGE_BUCKETS[bucket - 1]! : 0;
    const high = STAGE_BUCKETS[bucket] ?? STAGE_BUCKETS.at(-1)!;
    const below = bucket > 0 ? counts[bucket - 1]! : 0;
    const inside = (counts[bucket] ?? 0) - below;
    return 1000 * (low + (inside > 0 ? (rank - below) / inside : 1) * (high - low));
  };
  return { frames, mean: frames > 0 ? (1000 * (after.sum - before.sum)) / frames : 0, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
