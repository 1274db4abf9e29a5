import { AppError } from "@octet/shared/errors";
import { seededRandom } from "@octet/shared/seeded-random";
import type { ResamplableAp } from "./resamplable.ts";

export interface BootstrapOptions {
  /** Default 1000. */
  iterations?: number;
  /** The same seed gives the same result. */
  seed?: number;
  /** Share of resamples inside the interval, default 0.95. */
  level?: number;
}

/** All as fractions (0.01 is one AP point). */
export interface BootstrapDifference {
  /** AP of b − AP of a over all images. */
  difference: number;
  /** Percentile interval of the difference. */
  low: number;
  high: number;
  /** Standard deviation of the resampled differences. */
  standardError: number;
  /** Resamples that had objects in them. */
  iterations: number;
}

/**
 * How sure a difference of two average precisions is: the images are drawn anew with replacement, the same ones for
 * both (paired), and both figures computed from the draw (Efron's percentile bootstrap).
 * @throws AppError BAD_INPUT where the two are not over equally many images, or there are no objects
 */
export function bootstrapDifference(
  a: ResamplableAp,
  b: ResamplableAp,
  { iterations = 1000, seed = 1, level = 0.95 }: BootstrapOptions = {},
): BootstrapDifference {
  if (a.images !== b.images)
    throw new AppError("BAD_INPUT", `The results are over ${a.images} and ${b.images} images; a pair needs the same images`);
  if (!(iterations >= 1 && level > 0 && level < 1))
    throw new AppError("BAD_INPUT", "A bootstrap needs at least one iteration and a level between 0 and 1");
  const whole = [a.ap(), b.ap()] as const;
  if (whole[0] === null || whole[1] === null)
    throw new AppError("BAD_INPUT", "No object counts in these images: there is no AP to compare");
  const random = seededRandom(seed);
  const weights = new Uint32Array(a.images);
  const differences: number[] = [];
  for (let i = 0; i < iterations; i++) {
    weights.fill(0);
    for (let n = 0; n < a.images; n++) weights[Math.floor(random() * a.images)]!++;
    const first = a.ap(weights);
    const second = b.ap(weights);
    if (first !== null && second !== null) differences.push(second - first);
  }
  if (differences.length === 0)
    throw new AppError("BAD_INPUT", "No resample had objects in it", { hint: "Use more images or iterations." });
  differences.sort((x, y) => x - y);
  const tail = (1 - level) / 2;
  const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, differences.length - 1);
  return {
    difference: whole[1] - whole[0],
    low: quantile(differences, tail),
    high: quantile(differences, 1 - tail),
    standardError: Math.sqrt(variance),
    iterations: differences.length,
  };
}

/** Linear between neighbours, of sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below]! + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)]! - sorted[below]!);
}
