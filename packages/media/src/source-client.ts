import type { ErrorInfo } from "@octet/shared/errors";
import type { FractionBox, SourceHandle, SourceListener, SourceOptions } from "./source-types.ts";
import type { ThreadClient } from "./thread-client.ts";
import { FLOW_BYTES, FLOW_DELIVERED, type FromThread, type OpenMessage } from "./thread-protocol.ts";

/** The main loop's end of a source: remembers what was asked of it, so that a new thread can take it over. */
export class SourceClient implements SourceHandle {
  readonly key: number;
  readonly #options: SourceOptions;
  readonly #listener: SourceListener;
  readonly #flow = new SharedArrayBuffer(FLOW_BYTES);
  readonly #delivered = new Int32Array(this.#flow);
  #thread: ThreadClient;
  #preview: number | null = null;
  #video = false;
  #closing: { promise: Promise<void>; resolve: () => void } | null = null;
  #over = false;

  constructor(key: number, options: SourceOptions, listener: SourceListener, thread: ThreadClient) {
    this.key = key;
    this.#options = { ...options };
    this.#listener = listener;
    this.#thread = thread;
  }

  get openMessage(): OpenMessage {
    return { type: "open", key: this.key, options: this.#options, flow: this.#flow };
  }

  /** Opens the source on a thread that takes over from one that failed. */
  moveTo(thread: ThreadClient): void {
    this.#thread = thread;
    if (this.#over || this.#closing) {
      this.#finish();
      return;
    }
    Atomics.store(this.#delivered, FLOW_DELIVERED, 0);
    thread.open(this);
    if (this.#preview !== null) this.setPreview(this.#preview);
    if (this.#video) this.setVideo(true);
  }

  /** The thread died; it is being replaced. */
  fail(error: ErrorInfo): void {
    if (!this.#closing && !this.#over) this.#listener.onState({ state: "offline", error, retryInMs: 1000, stream: null });
  }

  receive(message: FromThread): void {
    if (message.type === "closed") this.#finish();
    if (message.type === "frame") Atomics.add(this.#delivered, FLOW_DELIVERED, 1);
    if (this.#closing || this.#over) return;
    if (message.type === "frame") this.#listener.onFrame(message.frame);
    else if (message.type === "state") this.#listener.onState(message.state);
    else if (message.type === "packets") this.#listener.onPackets?.(message.chunk);
    else if (message.type === "counters") this.#listener.onCounters(message.counters);
  }

  setPreview(width: number | null): void {
    this.#preview = width;
    this.#thread.post({ type: "preview", key: this.key, width });
  }

  setVideo(on: boolean): void {
    this.#video = on;
    this.#thread.post({ type: "video", key: this.key, on });
  }

  update({ detectFps, delayMs = null, stillFps }: { detectFps?: number; delayMs?: number | null; stillFps?: number | null }): void {
    if (detectFps !== undefined) this.#options.detectFps = detectFps;
    if (stillFps !== undefined) this.#options.stillFps = stillFps;
    this.#thread.post({ type: "update", key: this.key, detectFps, delayMs, stillFps });
  }

  recycle(buffer: Uint8Array): void {
    this.#thread.post({ type: "recycle", key: this.key, buffer: buffer.buffer instanceof SharedArrayBuffer ? buffer.buffer : null });
  }

  release(seq: number): void {
    this.#thread.post({ type: "release", key: this.key, seq });
  }

  crop(seq: number, box: FractionBox, size: number): Promise<Uint8Array | null> {
    return this.#over || this.#closing ? Promise.resolve(null) : this.#thread.crop(this.key, seq, box, size);
  }

  picture(seq: number): Promise<Uint8Array | null> {
    return this.#over || this.#closing ? Promise.resolve(null) : this.#thread.picture(this.key, seq);
  }

  close(): Promise<void> {
    if (this.#over) return Promise.resolve();
    if (!this.#closing) {
      let resolve = () => {};
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#closing = { promise, resolve };
      this.#thread.post({ type: "close", key: this.key });
    }
    return this.#closing.promise;
  }

  #finish(): void {
    this.#over = true;
    this.#closing?.resolve();
  }
}
