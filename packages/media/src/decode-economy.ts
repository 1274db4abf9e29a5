/** What a decoder leaves out: nothing; frames that no other refers to; all but key frames. FFmpeg's `skip_frame`. */
export type SkippedFrames = "none" | "noref" | "nokey";

/** Key-frame intervals that are looked at; the longest of them counts. */
const KEYS = 3;
/** Stream time after which it is known how many frames are left, ms. */
const TRIAL_MS = 2000;
/** So many times the asked rate must be left, since frames that are due come late by up to one of these intervals. */
const LEAST = 2;

/**
 * Decodes no more than the asked rate needs. Where key frames alone come as often as frames are asked for, only they are
 * decoded. Else frames that no other refers to (most B-frames) are left out, where that is seen to leave twice the asked rate.
 * Pictures that are decoded are the same either way. Pure: fed with packets and frames in stream time.
 */
export class DecodeEconomy {
  #intervalMs: number;
  #skipped: SkippedFrames = "none";
  #lastKeyMs: number | null = null;
  #keyIntervals: number[] = [];
  #trial: { beganMs: number; frames: number } | null = null;
  #tooFew = false;

  constructor(detectFps: number) {
    this.#intervalMs = 1000 / detectFps;
  }

  get skipped(): SkippedFrames {
    return this.#skipped;
  }

  setRate(detectFps: number): void {
    this.#intervalMs = 1000 / detectFps;
    this.#tooFew = false;
    this.#trial = null;
  }

  /** The stream begins anew: its next key frame is no interval after the last. */
  restart(): void {
    this.#lastKeyMs = null;
    this.#trial = null;
  }

  /**
   * Before a packet is decoded. @returns what to leave out from this packet on
   * @param streamFps frames a second that arrive; 0 where that is not known yet
   * @param behind packets pile up: key frames alone, until that is over
   */
  onPacket(ptsMs: number, key: boolean, streamFps: number, behind = false): SkippedFrames {
    if (key) {
      if (this.#lastKeyMs !== null && ptsMs > this.#lastKeyMs)
        this.#keyIntervals = [...this.#keyIntervals.slice(1 - KEYS), ptsMs - this.#lastKeyMs];
      this.#lastKeyMs = ptsMs;
    }
    // A key frame that is overdue says that they have become rarer.
    const overdue = this.#lastKeyMs !== null && ptsMs - this.#lastKeyMs > this.#intervalMs;
    const longest = this.#keyIntervals.length < KEYS || overdue ? Number.POSITIVE_INFINITY : Math.max(...this.#keyIntervals);
    const wanted =
      behind || longest <= this.#intervalMs ? "nokey" : this.#tooFew || streamFps * this.#intervalMs < LEAST * 1000 ? "none" : "noref";
    // What follows a key frame refers to it: without its successors only another key frame can be decoded.
    if (wanted !== this.#skipped && (this.#skipped !== "nokey" || key)) {
      this.#skipped = wanted;
      this.#trial = wanted === "noref" ? { beganMs: ptsMs, frames: 0 } : null;
    }
    this.#judge(ptsMs);
    return this.#skipped;
  }

  onFrame(): void {
    if (this.#trial) this.#trial.frames++;
  }

  #judge(ptsMs: number): void {
    const trial = this.#trial;
    if (!trial || ptsMs - trial.beganMs < TRIAL_MS) return;
    this.#trial = null;
    const left = trial.frames / (ptsMs - trial.beganMs);
    if (left * this.#intervalMs >= LEAST) return;
    this.#tooFew = true;
    this.#skipped = "none";
  }
}
