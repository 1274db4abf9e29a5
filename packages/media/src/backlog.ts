/** Lateness from which frames are left out, and down to which, ms. */
const BEHIND_MS = 400;
const CAUGHT_UP_MS = 100;
/** Lateness must fall by so much within so long while frames are left out, or it is not ours, ms. */
const LEAST_GAIN_MS = 100;
const PATIENCE_MS = 2000;
/** How long the earliest arrival is remembered at least, ms: clocks of cameras drift. */
const WINDOW_MS = 60_000;

/**
 * How far a live stream's packets are behind their time stamps, against the earliest arrival of the last minutes: what waits in
 * socket buffers because this host decodes too slowly shows in nothing else. While it is `behind`, decoding must be cut down.
 * A camera whose time stamps run at another pace than its packets looks the same, but cutting down does not help there: then
 * this arrival becomes the measure. Pure: clocks are handed in.
 */
export class Backlog {
  /** Earliest arrivals less time stamps, of this window and the one before. */
  #earliest = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;
  #windowAt: number | null = null;
  #behind: { since: number; lateMs: number } | null = null;

  get behind(): boolean {
    return this.#behind !== null;
  }

  /**
   * @param dtsMs the packet's decoding time stamp
   * @param now ms of any steady clock, at its arrival
   * @returns how late it is, ms
   */
  onPacket(dtsMs: number, now: number): number {
    if (this.#windowAt === null || now - this.#windowAt > WINDOW_MS) {
      this.#before = this.#earliest;
      this.#earliest = Number.POSITIVE_INFINITY;
      this.#windowAt = now;
    }
    const offset = now - dtsMs;
    this.#earliest = Math.min(this.#earliest, offset);
    const lateMs = offset - Math.min(this.#earliest, this.#before);
    if (!this.#behind) {
      if (lateMs > BEHIND_MS) this.#behind = { since: now, lateMs };
    } else if (lateMs < CAUGHT_UP_MS) this.#behind = null;
    else if (now - this.#behind.since > PATIENCE_MS) {
      if (lateMs > this.#behind.lateMs - LEAST_GAIN_MS) {
        this.restart();
        return this.onPacket(dtsMs, now);
      }
      this.#behind = { since: now, lateMs };
    }
    return lateMs;
  }

  /** Time stamps begin anew. */
  restart(): void {
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#before = Number.POSITIVE_INFINITY;
    this.#windowAt = null;
    this.#behind = null;
  }
}
