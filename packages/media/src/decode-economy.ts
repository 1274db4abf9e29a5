/** What a decoder leaves out: nothing; frames that no other refers to; all but key frames. FFmpeg's `skip_frame`. */
export type SkippedFrames = "none" | "noref" | "nokey";

/** Key-frame intervals that are looked at; the longest of them counts. */
const KEYS = 3;
/** Stream time after which it is known how many frames are left, ms. */
const TRIAL_MS = 2000;
/** So many times the asked rate must be left, since frames that are due come late by up to one of these intervals. */
const LEAST = 2;
/** Of an interval between frames that are asked for: one that is due so shortly before a key frame may be that key frame. */
const LATE_SHARE = 0.25;
/** Pictures that are shown before the key frame they follow in the stream are of this time before it at most, ms. */
const LEADING_MS = 2000;

export interface PacketFacts {
  /** Presentation time. */
  ptsMs: number;
  key: boolean;
  /** Frames a second that arrive; 0 where that is not known yet. */
  streamFps: number;
  /** When a frame is due next, in stream time; null where that is not known. */
  nextDueMs: number | null;
  /** Packets pile up: key frames alone, until that is over. */
  behind?: boolean;
}

/**
 * Decodes no more than the asked rate needs. Where key frames alone come as often as frames are asked for, only they are
 * decoded. Else a group of pictures is decoded up to the last frame that is due in it, and, of that, frames which no other
 * refers to (most B-frames) are left out where that is seen to leave twice the asked rate. So the work grows with the rate,
 * and not at once from one picture in a group to all.
 * Pictures that are decoded are the same either way. Pure: fed with packets and frames in stream time.
 */
export class DecodeEconomy {
  #intervalMs: number;
  #skipped: SkippedFrames = "none";
  #lastKeyMs: number | null = null;
  #keyIntervals: number[] = [];
  /** Of what is decoded while unreferenced frames are left out, until that is long enough; null after it. */
  #trial: { ms: number; frames: number } | null = { ms: 0, frames: 0 };
  #lastMs: number | null = null;
  #tooFew = false;
  /** The key frame after which decoding went on; null where nothing before the latest one was left out. */
  #resumedMs: number | null = null;

  constructor(detectFps: number) {
    this.#intervalMs = 1000 / detectFps;
  }

  get skipped(): SkippedFrames {
    return this.#skipped;
  }

  setRate(detectFps: number): void {
    this.#intervalMs = 1000 / detectFps;
    this.#tooFew = false;
    this.#trial = { ms: 0, frames: 0 };
  }

  /** The stream begins anew: its next key frame is no interval after the last. */
  restart(): void {
    this.#lastKeyMs = null;
    this.#lastMs = null;
    this.#resumedMs = null;
  }

  /** Before a packet is decoded. @returns what to leave out from this packet on */
  onPacket({ ptsMs, key, streamFps, nextDueMs, behind = false }: PacketFacts): SkippedFrames {
    if (key) {
      if (this.#lastKeyMs !== null && ptsMs > this.#lastKeyMs)
        this.#keyIntervals = [...this.#keyIntervals.slice(1 - KEYS), ptsMs - this.#lastKeyMs];
      this.#lastKeyMs = ptsMs;
      this.#resumedMs = null;
    }
    this.#judge(ptsMs);
    const wanted = behind || this.#keysSuffice(ptsMs, nextDueMs) ? "nokey" : this.#belowKeys(streamFps);
    // What follows a key frame refers to it: without its successors only another key frame can be decoded.
    if (wanted !== this.#skipped && (this.#skipped !== "nokey" || key)) {
      if (this.#skipped === "nokey") this.#resumedMs = ptsMs;
      this.#skipped = wanted;
    }
    return this.#skipped;
  }

  /** A decoded frame. @returns false where it refers to frames that were left out */
  onFrame(ptsMs: number): boolean {
    if (this.#trial && this.#skipped === "noref") this.#trial.frames++;
    return this.#resumedMs === null || ptsMs >= this.#resumedMs || ptsMs < this.#resumedMs - LEADING_MS;
  }

  /** Whether no frame is needed before the next key frame. */
  #keysSuffice(ptsMs: number, nextDueMs: number | null): boolean {
    if (this.#lastKeyMs === null || this.#keyIntervals.length < KEYS) return false;
    // A key frame that is overdue says that they have become rarer.
    const longest = Math.max(...this.#keyIntervals, ptsMs - this.#lastKeyMs);
    if (longest <= this.#intervalMs) return true;
    return nextDueMs !== null && nextDueMs >= this.#lastKeyMs + longest - LATE_SHARE * this.#intervalMs;
  }

  #belowKeys(streamFps: number): SkippedFrames {
    return this.#tooFew || streamFps * this.#intervalMs < LEAST * 1000 ? "none" : "noref";
  }

  #judge(ptsMs: number): void {
    const since = this.#lastMs === null ? 0 : ptsMs - this.#lastMs;
    this.#lastMs = ptsMs;
    const trial = this.#trial;
    if (!trial || this.#skipped !== "noref") return;
    // Packets come in the order of decoding: time stamps go back and forth, and add up all the same.
    trial.ms += since;
    if (trial.ms < TRIAL_MS) return;
    this.#trial = null;
    this.#tooFew = (trial.frames / trial.ms) * this.#intervalMs < LEAST;
  }
}
