export interface BackoffOptions {
  /** First delay, ms. */
  minMs?: number;
  /** Longest delay, ms. */
  maxMs?: number;
  /** A source that was good for so long starts again at the first delay, ms. */
  resetAfterMs?: number;
  /** 0 ≤ r < 1; injected by tests. */
  random?: () => number;
}

/**
 * Delays between attempts to reconnect: they double from `minMs` to `maxMs`, with ±20 % jitter, so that the
 * cameras behind a switch that restarted do not all come back in the same instant.
 */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #resetAfterMs: number;
  readonly #random: () => number;
  #attempt = 0;

  constructor(options: BackoffOptions = {}) {
    this.#minMs = options.minMs ?? 1000;
    this.#maxMs = options.maxMs ?? 30_000;
    this.#resetAfterMs = options.resetAfterMs ?? 30_000;
    this.#random = options.random ?? Math.random;
  }

  /**
   * The delay before the next attempt, ms.
   * @param goodForMs how long frames arrived before this failure
   * @param slow go to the longest delay at once: a camera that refuses a password may lock the account
   */
  next(goodForMs = 0, slow = false): number {
    if (goodForMs >= this.#resetAfterMs) this.#attempt = 0;
    const base = slow ? this.#maxMs : Math.min(this.#maxMs, this.#minMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 20);
    return Math.round(Math.min(this.#maxMs, base * (0.8 + 0.4 * this.#random())));
  }
}
