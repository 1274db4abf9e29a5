import type { BenchmarkResult } from "./profile.ts";

/** "1.40 times as fast (1.32 to 1.47 over the rounds) as": what it was held against follows. */
export function speedupText({ speedup, speedupRange }: NonNullable<BenchmarkResult["reference"]>): string {
  const range = speedupRange ? ` (${speedupRange[0].toFixed(2)} to ${speedupRange[1].toFixed(2)} over the rounds)` : "";
  return `${speedup.toFixed(2)} times as fast${range} as`;
}
