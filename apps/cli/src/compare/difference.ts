import { ErrorAccumulator } from "@octet/quantize/numeric/error-statistics";

/** How far values x̂ are from x, over all that were added. */
export interface DifferenceReport {
  /** 20·log10(‖x‖ / ‖x − x̂‖) in decibels; null where there is no difference, or nothing to relate it to. */
  sqnrDb: number | null;
  /** 1 for the same direction; null where either is all zeros. */
  cosine: number | null;
  maxAbs: number;
  elements: number;
  identical: boolean;
}

/** Sums in double precision, image by image, so that nothing has to be kept. */
export class Difference {
  private readonly errors = new ErrorAccumulator();

  /** @throws AppError BAD_INPUT where the lengths differ */
  add(x: Float32Array, y: Float32Array): void {
    this.errors.add(x, y);
  }

  report(): DifferenceReport {
    const { count, mse, sqnrDb, cosine, maxError } = this.errors.result();
    return {
      sqnrDb: Number.isFinite(sqnrDb) ? sqnrDb : null,
      cosine: this.errors.hasCosine ? cosine : null,
      maxAbs: maxError,
      elements: count,
      identical: mse === 0,
    };
  }
}
