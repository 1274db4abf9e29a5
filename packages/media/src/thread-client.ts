import { Worker } from "node:worker_threads";
import type { Logger } from "./logger.ts";
import type { SourceClient } from "./source-client.ts";
import type { FractionBox } from "./source-types.ts";
import type { FromThread, ThreadData, ThreadOptions, ToThread } from "./thread-protocol.ts";

/** The main loop's end of one media thread. */
export class ThreadClient {
  /** Open sources by key. */
  readonly sources = new Map<number, SourceClient>();
  readonly ready: Promise<void>;
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  readonly #logger: Logger;
  readonly #crops = new Map<number, (jpeg: Uint8Array | null) => void>();
  #nextCrop = 1;
  #gone = false;

  /** @param onDeath called once when the thread ends without having been told to */
  constructor(options: ThreadOptions, logger: Logger, onDeath: (thread: ThreadClient, error: Error) => void) {
    this.#logger = logger;
    const data: ThreadData = { entry: new URL("./media-thread.ts", import.meta.url).href, ...options };
    // No execArgv of the parent's: its loaders do not work in a worker of Node 20, see the bootstrap.
    this.#worker = new Worker(new URL("./thread-bootstrap.mjs", import.meta.url), { workerData: data, execArgv: [], name: "octet-media" });
    let failure: Error | null = null;
    let stopping = false;
    this.stop = async () => {
      stopping = true;
      this.post({ type: "stop" });
      await this.exited;
    };
    this.exited = new Promise((resolve) => {
      this.#worker.once("exit", (code) => {
        this.#gone = true;
        for (const settle of this.#crops.values()) settle(null);
        this.#crops.clear();
        resolve();
        if (!stopping) onDeath(this, failure ?? new Error(`The media thread ended with code ${code}`));
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on("message", (message: FromThread) => (message.type === "ready" ? resolve() : this.#receive(message)));
      this.#worker.once("error", (error) => {
        failure = error;
        reject(error);
      });
    });
    // Handled by onDeath; whoever waits for it sees the rejection too.
    this.ready.catch(() => {});
  }

  /** Ends the thread by message, after its sources. */
  readonly stop: () => Promise<void>;

  post(message: ToThread): void {
    if (!this.#gone) this.#worker.postMessage(message);
  }

  open(source: SourceClient): void {
    this.sources.set(source.key, source);
    this.post(source.openMessage);
  }

  crop(key: number, seq: number, box: FractionBox, size: number): Promise<Uint8Array | null> {
    return this.#jpeg((request) => ({ type: "crop", key, request, seq, box, size }));
  }

  picture(key: number, seq: number): Promise<Uint8Array | null> {
    return this.#jpeg((request) => ({ type: "picture", key, request, seq }));
  }

  #jpeg(message: (request: number) => ToThread): Promise<Uint8Array | null> {
    if (this.#gone) return Promise.resolve(null);
    const request = this.#nextCrop++;
    return new Promise((resolve) => {
      this.#crops.set(request, resolve);
      this.post(message(request));
    });
  }

  #receive(message: Exclude<FromThread, { type: "ready" }>): void {
    if (message.type === "log") {
      this.#logger[message.level](message.fields, message.message);
      return;
    }
    if (message.type === "cropped") {
      this.#crops.get(message.request)?.(message.jpeg);
      this.#crops.delete(message.request);
      return;
    }
    const source = this.sources.get(message.key);
    if (message.type === "closed") this.sources.delete(message.key);
    source?.receive(message);
  }
}
