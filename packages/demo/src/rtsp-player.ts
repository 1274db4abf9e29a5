import { randomInt } from "node:crypto";
import type { LoopedClip } from "./looped-clip.ts";
import { CLOCK_RATE, packetizeH264, type RtpState } from "./rtp-h264.ts";

/** A stream of the server: its clip, and a clock that all its viewers share, as with a camera. */
export interface ServedStream {
  name: string;
  clip: LoopedClip;
  /** performance.now() at which it began. */
  startedAt: number;
  /** For tests: connections stand, but nothing is sent. */
  stalled: boolean;
}

/** Sends one stream to one viewer, in real time. */
export class RtspPlayer {
  readonly #stream: ServedStream;
  readonly #send: (packets: Buffer[]) => void;
  readonly #rtp: RtpState = { ssrc: randomInt(2 ** 32), sequence: randomInt(2 ** 16) };
  #timer: NodeJS.Timeout | null = null;
  #next: number;

  constructor(stream: ServedStream, send: (packets: Buffer[]) => void) {
    this.#stream = stream;
    this.#send = send;
    this.#next = stream.clip.keyBefore(this.#now());
  }

  /** Begins with the group of pictures under way, so that there is a picture at once. */
  start(): void {
    if (this.#timer === null) this.#tick();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #now(): number {
    return performance.now() - this.#stream.startedAt;
  }

  #tick(): void {
    const { clip, stalled } = this.#stream;
    const now = this.#now();
    // After a stall, or a sleep of the host: go on live.
    if (stalled || now - clip.timeOf(this.#next).dtsMs > clip.durationMs + 5000) this.#next = clip.keyBefore(now);
    while (!stalled && clip.timeOf(this.#next).dtsMs <= now) this.#sendUnit(this.#next++);
    const waitMs = stalled ? 50 : clip.timeOf(this.#next).dtsMs - now;
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, waitMs));
  }

  #sendUnit(n: number): void {
    const { clip } = this.#stream;
    const unit = clip.units[n % clip.units.length]!;
    const nals = unit.key ? [clip.sps, clip.pps, ...unit.nals] : unit.nals;
    this.#send(packetizeH264(nals, Math.round((clip.timeOf(n).ptsMs * CLOCK_RATE) / 1000), this.#rtp));
  }
}
