import { AppError } from "@octet/shared/errors";

/** How far an approximation lies from its reference. */
export interface ErrorStatistics {
  count: number;
  /** Mean of the squared differences. */
  mse: number;
  /** 20·log10(‖x‖ / ‖x − x̂‖) in dB; Infinity where both are equal. */
  sqnrDb: number;
  /** Cosine of the angle between both as vectors; 1 where both are all zero, 0 where one is. */
  cosine: number;
  maxError: number;
}

/** Adds up error statistics over any number of pieces, in memory that does not grow. */
export class ErrorAccumulator {
  private count = 0;
  private signal = 0;
  private noise = 0;
  private dot = 0;
  private other = 0;
  private maxError = 0;

  /** @throws AppError BAD_INPUT where the lengths differ */
  add(reference: ArrayLike<number>, approximation: ArrayLike<number>): this {
    if (reference.length !== approximation.length) {
      throw new AppError("BAD_INPUT", `${reference.length} reference values cannot be compared with ${approximation.length}`);
    }
    let { signal, noise, dot, other, maxError } = this;
    for (let i = 0; i < reference.length; i++) {
      const x = reference[i]!;
      const y = approximation[i]!;
      const error = x - y;
      signal += x * x;
      other += y * y;
      dot += x * y;
      noise += error * error;
      const size = error < 0 ? -error : error;
      // Once NaN, it stays so.
      if (size > maxError || Number.isNaN(size)) maxError = size;
    }
    Object.assign(this, { signal, noise, dot, other, maxError });
    this.count += reference.length;
    return this;
  }

  /** Whether both sides have a direction to compare: neither is all zeros. */
  get hasCosine(): boolean {
    return Math.sqrt(this.signal * this.other) > 0;
  }

  result(): ErrorStatistics {
    const { count, signal, noise, dot, other, maxError } = this;
    return {
      count,
      mse: count === 0 ? 0 : noise / count,
      sqnrDb: noise === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(signal / noise),
      cosine: signal === 0 && other === 0 ? 1 : signal === 0 || other === 0 ? 0 : dot / Math.sqrt(signal * other),
      maxError,
    };
  }
}

/** Error statistics of one tensor against its reference. @throws AppError BAD_INPUT where the lengths differ */
export function errorStatistics(reference: ArrayLike<number>, approximation: ArrayLike<number>): ErrorStatistics {
  return new ErrorAccumulator().add(reference, approximation).result();
}
