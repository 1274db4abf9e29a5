/** Time stamps of a stream, in milliseconds from its first one, going on across the loops of a file. */
export class PtsClock {
  /** 0 where the time base is none. */
  readonly msPerTick: number;
  #first: bigint | null = null;
  #loopMs = 0;
  #latestMs = 0;
  #lastMs = 0;

  constructor(timeBase: { num: number; den: number }) {
    this.msPerTick = timeBase.den > 0 ? (1000 * timeBase.num) / timeBase.den : 0;
  }

  /**
   * @param ticks in the stream's time base; null where the packet has none
   * @param intervalMs what to add to the last one then
   */
  toMs(ticks: bigint | null, intervalMs: number): number {
    if (ticks !== null) this.#first ??= ticks;
    this.#lastMs = ticks === null ? this.#lastMs + intervalMs : Number(ticks - this.#first!) * this.msPerTick + this.#loopMs;
    this.#latestMs = Math.max(this.#latestMs, this.#lastMs);
    return this.#lastMs;
  }

  /** The file starts again: its first frame follows one interval after its last. */
  loop(intervalMs: number): void {
    this.#loopMs = this.#latestMs + intervalMs;
    this.#lastMs = this.#latestMs;
  }
}
