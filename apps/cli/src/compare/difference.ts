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
  private signal = 0;
  private noise = 0;
  private other = 0;
  private product = 0;
  private maxAbs = 0;
  private elements = 0;

  add(x: Float32Array, y: Float32Array): void {
    for (let at = 0; at < x.length; at++) {
      const [a, b] = [x[at]!, y[at]!];
      const difference = a - b;
      this.signal += a * a;
      this.other += b * b;
      this.product += a * b;
      this.noise += difference * difference;
      // Once NaN, it stays so.
      if (Number.isNaN(difference) || Math.abs(difference) > this.maxAbs) this.maxAbs = Math.abs(difference);
    }
    this.elements += x.length;
  }

  report(): DifferenceReport {
    const { signal, noise, other, product, maxAbs, elements } = this;
    const norms = Math.sqrt(signal * other);
    return {
      sqnrDb: noise > 0 && signal > 0 ? 10 * Math.log10(signal / noise) : null,
      cosine: norms > 0 ? product / norms : null,
      maxAbs,
      elements,
      identical: noise === 0,
    };
  }
}
