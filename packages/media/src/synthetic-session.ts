import { AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, AVCOL_SPC_SMPTE170M } from "node-av/constants";
import { type Session, type SessionContext, Sleeper } from "./session.ts";
import { parseSyntheticUrl, type SyntheticOptions, SyntheticPicture } from "./synthetic-picture.ts";
import { frameFromPixels } from "./video-frame.ts";

/**
 * Frames made in this process, for tests and for load without decoding. Only frames that are due are drawn. It
 * has no packets to forward.
 */
export class SyntheticSession implements Session {
  readonly #context: SessionContext;
  readonly #options: SyntheticOptions;
  readonly #sleeper = new Sleeper();
  #stopped = false;

  constructor(context: SessionContext) {
    this.#context = context;
    this.#options = parseSyntheticUrl(context.options.url);
  }

  async run(): Promise<void> {
    const { width, height, fps, frames } = this.#options;
    const { output, counters, ptsOffsetMs, options } = this.#context;
    const picture = new SyntheticPicture(this.#options);
    const realtime = options.realtime !== false;
    this.#context.onStream({ codec: "synthetic", width, height, fps, decoder: "none" });
    let startedAt = performance.now();
    for (let index = 0; !this.#stopped && (realtime || index < frames); index++) {
      if (realtime) {
        const waitMs = startedAt + (index * 1000) / fps - performance.now();
        if (waitMs < -500) startedAt -= waitMs;
        if (waitMs > 1) await this.#sleeper.sleep(waitMs);
      } else await output.ready();
      // Without a wait above, the thread's other sources still get their turn.
      if (index % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (this.#stopped) return;
      counters.received++;
      counters.decoded++;
      const ptsMs = ptsOffsetMs + (index * 1000) / fps;
      if (output.due(ptsMs)) this.#offer(picture, index, ptsMs);
    }
  }

  #offer(picture: SyntheticPicture, index: number, ptsMs: number): void {
    const { width, height } = this.#options;
    const drawnAt = performance.now();
    using frame = frameFromPixels(picture.draw(index), { width, height, format: AV_PIX_FMT_YUV420P });
    frame.colorSpace = AVCOL_SPC_SMPTE170M;
    frame.colorRange = AVCOL_RANGE_MPEG;
    this.#context.output.offer(frame, { ptsMs, capturedAt: Date.now(), networkMs: 0, decodeMs: performance.now() - drawnAt });
  }

  stop(): void {
    this.#stopped = true;
    this.#sleeper.end();
    this.#context.output.end();
  }

  setVideo(): void {}

  /** Every frame is made. */
  setRate(): void {}

  checkStall(): void {}
}
