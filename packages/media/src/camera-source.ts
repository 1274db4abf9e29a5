import { AppError } from "@octet/shared/errors";
import { Backoff } from "./backoff.ts";
import { FrameOutput } from "./frame-output.ts";
import { FrameRate } from "./frame-rate.ts";
import { redactText, redactUrl } from "./redact-url.ts";
import { type Session, type SessionContext, Sleeper } from "./session.ts";
import type { FractionBox, SourceCounters, SourceOptions, SourceState, StreamInfo } from "./source-types.ts";
import { StreamSession } from "./stream-session.ts";
import { SyntheticSession } from "./synthetic-session.ts";
import type { OpenMessage, Post, ThreadOptions } from "./thread-protocol.ts";

/** One camera inside a media thread: opens it, keeps it open, reports. Nothing is thrown out of it. */
export class CameraSource {
  readonly #key: number;
  readonly #options: SourceOptions;
  readonly #thread: ThreadOptions;
  readonly #post: Post;
  readonly #output: FrameOutput;
  readonly #counters: SourceCounters = {
    received: 0,
    decoded: 0,
    scaled: 0,
    reconnects: 0,
    corrupt: 0,
    skipped: 0,
    still: 0,
    streamFps: 0,
  };
  readonly #backoff: Backoff;
  readonly #sleeper = new Sleeper();
  readonly #openedAt = Date.now();
  readonly #rate = new FrameRate();
  #session: Session | null = null;
  #sessions = 0;
  #onlineAt: number | null = null;
  #stream: StreamInfo | null = null;
  #lastError: AppError | null = null;
  #video = false;
  #detectFps: number;
  #closed = false;

  constructor(open: OpenMessage, thread: ThreadOptions, post: Post) {
    this.#key = open.key;
    this.#options = open.options;
    this.#detectFps = open.options.detectFps;
    this.#thread = thread;
    this.#post = post;
    this.#backoff = new Backoff(open.options.backoff);
    this.#output = new FrameOutput(open.options, open.flow, this.#counters, (frame) => {
      post({ type: "frame", key: this.#key, frame }, frame.preview ? [frame.preview.buffer as ArrayBuffer] : []);
    });
  }

  /** Resolves when the source was closed, or has ended. */
  async run(): Promise<void> {
    const everySecond = setInterval(() => this.#postCounters(), 1000);
    const watch = setInterval(
      () => this.#session?.checkStall(performance.now()),
      Math.max(50, Math.min(1000, (this.#options.watchdogMs ?? 10_000) / 5)),
    );
    try {
      while (!this.#closed) {
        const error = await this.#runSession();
        if (this.#closed) break;
        this.#lastError = error;
        this.#postCounters();
        if (this.#options.realtime === false) {
          this.#state("ended", null);
          return;
        }
        // A file that was read to its end and cannot be rewound is simply opened again.
        if (error) await this.#pause(error);
        this.#counters.reconnects++;
      }
    } finally {
      clearInterval(everySecond);
      clearInterval(watch);
      this.#output[Symbol.dispose]();
    }
  }

  close(): void {
    this.#closed = true;
    this.#session?.stop();
    this.#sleeper.end();
  }

  setPreview(width: number | null): void {
    this.#output.setPreview(width);
  }

  setVideo(on: boolean): void {
    this.#video = on;
    this.#session?.setVideo(on);
  }

  update({
    detectFps,
    delayMs,
    stillFps,
  }: {
    detectFps?: number | undefined;
    delayMs: number | null;
    stillFps?: number | null | undefined;
  }): void {
    if (stillFps !== undefined) this.#output.setStillRate(stillFps);
    if (detectFps === undefined) return;
    this.#detectFps = detectFps;
    this.#output.setRate(detectFps, delayMs);
    this.#session?.setRate(detectFps);
  }

  recycle(buffer: SharedArrayBuffer | null): void {
    this.#output.recycle(buffer);
  }

  release(seq: number): void {
    this.#output.retained.release(seq);
  }

  crop(seq: number, box: FractionBox, size: number): Uint8Array | null {
    return this.#output.retained.crop(seq, box, size);
  }

  picture(seq: number): Uint8Array | null {
    return this.#output.retained.picture(seq);
  }

  /** @returns why the session ended; null where a pass was complete */
  async #runSession(): Promise<AppError | null> {
    this.#onlineAt = null;
    this.#state("connecting", null);
    const context = this.#context();
    try {
      this.#session = this.#options.url.startsWith("synthetic:") ? new SyntheticSession(context) : new StreamSession(context);
      this.#session.setVideo(this.#video);
      this.#session.setRate(this.#detectFps);
      if (this.#closed) this.#session.stop();
      await this.#session.run();
      return null;
    } catch (error) {
      const known = AppError.from(error);
      return new AppError(known.code, redactText(known.message, this.#options.url), {
        ...(known.hint ? { hint: known.hint } : {}),
        cause: error,
      });
    } finally {
      this.#session = null;
      this.#stream = null;
    }
  }

  #context(): SessionContext {
    const epoch = this.#openedAt.toString(36);
    return {
      options: this.#options,
      mediaRoot: this.#thread.mediaRoot,
      decodeInPool: this.#thread.decodeInPool,
      output: this.#output,
      counters: this.#counters,
      streamId: `${this.#options.id}:${epoch}:${this.#key}:${++this.#sessions}`,
      ptsOffsetMs: this.#sessions === 1 ? 0 : Date.now() - this.#openedAt,
      onStream: (stream) => {
        this.#stream = stream;
        this.#onlineAt ??= performance.now();
        this.#lastError = null;
        this.#state("online", null);
      },
      onPackets: (chunk) => {
        const transfer = chunk.packets.map((packet) => packet.data.buffer as ArrayBuffer);
        this.#post({ type: "packets", key: this.#key, chunk }, transfer);
      },
      onWarning: (message) =>
        this.#post({ type: "log", level: "warn", fields: { camera: this.#options.id, url: redactUrl(this.#options.url) }, message }),
    };
  }

  async #pause(error: AppError): Promise<void> {
    const goodForMs = this.#onlineAt === null ? 0 : performance.now() - this.#onlineAt;
    const retryInMs = this.#backoff.next(goodForMs, error.code === "CAMERA_UNAUTHORIZED");
    this.#state("offline", retryInMs);
    await this.#sleeper.sleep(retryInMs);
  }

  #state(state: SourceState["state"], retryInMs: number | null): void {
    this.#post({
      type: "state",
      key: this.#key,
      state: { state, error: this.#lastError?.toInfo() ?? null, retryInMs, stream: this.#stream },
    });
  }

  #postCounters(): void {
    this.#counters.streamFps = this.#rate.sample(performance.now(), this.#counters.received);
    this.#post({ type: "counters", key: this.#key, counters: this.#counters });
  }
}
