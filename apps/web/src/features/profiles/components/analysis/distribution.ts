import type { Histogram } from "./report";

/** What clipping does to the counts: all that lies outside moves to the range's ends. */
export function clippedTo({ start, width, counts }: Histogram, { min, max }: { min: number; max: number }): Histogram {
  const moved = new Array<number>(counts.length).fill(0);
  const binOf = (value: number): number => Math.max(0, Math.min(counts.length - 1, Math.floor((value - start) / width)));
  for (const [at, count] of counts.entries()) {
    const centre = start + (at + 0.5) * width;
    moved[centre < min ? binOf(min) : centre > max ? binOf(max) : at]! += count;
  }
  return { start, width, counts: moved };
}

/** Noise power of each group, and its share of what all groups together add. */
export function noiseShares(groups: readonly { sqnrDb: number }[]): { power: number; share: number }[] {
  const powers = groups.map(({ sqnrDb }) => (sqnrDb >= 200 ? 0 : 10 ** (-sqnrDb / 10)));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => ({ power, share: total > 0 ? power / total : 0 }));
}
