import { AppError } from "@octet/shared/errors";
import { type Logger, silentLogger } from "./logger.ts";
import { SourceClient } from "./source-client.ts";
import type { SourceHandle, SourceListener, SourceOptions } from "./source-types.ts";
import { ThreadClient } from "./thread-client.ts";

export interface MediaHostOptions {
  /** Media threads; a handful, about one for each core that decoding may use. */
  threads: number;
  /** Folder of `file:` URLs; nothing above it is opened. */
  mediaRoot: string;
  /** CUDA's indices of the GPUs that decode: threads use one each, in turn. Default: the host's choice. */
  gpus?: readonly number[];
  /**
   * Decode in libuv's pool: the cameras of a thread do not wait for each other's decoders then. For decoders that are waited for
   * while another chip works; a software decoder takes more CPU time this way. Default false.
   */
  decodeInPool?: boolean;
  logger?: Logger;
}

const RESTART_MS = 1000;

/**
 * Opens sources in media threads, so that the main loop never waits for a camera or a decoder. Set
 * `UV_THREADPOOL_SIZE` (see `recommendedUvThreads`) before the process starts.
 */
export class MediaHost implements AsyncDisposable {
  readonly #options: MediaHostOptions;
  readonly #logger: Logger;
  readonly #threads: ThreadClient[] = [];
  readonly #restarts = new Set<NodeJS.Timeout>();
  #nextKey = 1;
  #closed = false;

  private constructor(options: MediaHostOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  /** Resolves when every thread is up. @throws AppError INTERNAL where the native library cannot be loaded */
  static async create(options: MediaHostOptions): Promise<MediaHost> {
    const host = new MediaHost(options);
    const count = Math.max(1, Math.floor(options.threads));
    try {
      // Where there are GPUs, one after the other: the first makes the context that all share.
      for (let index = 0; index < count; index++) {
        const thread = host.#start(index);
        if (options.gpus?.length) await thread.ready;
      }
      await Promise.all(host.#threads.map((thread) => thread.ready));
      return host;
    } catch (cause) {
      await host.close();
      throw new AppError("INTERNAL", "The media threads could not be started", {
        hint: "Check that node-av has a binary for this platform: npm ls node-av",
        cause,
      });
    }
  }

  /** Starts a source; its listener hears of everything else, failures included. */
  open(options: SourceOptions, listener: SourceListener): SourceHandle {
    if (this.#closed) throw new AppError("INTERNAL", "The media host is closed");
    const thread = this.#threads.reduce((least, other) => (other.sources.size < least.sources.size ? other : least));
    const source = new SourceClient(this.#nextKey++, options, listener, thread);
    thread.open(source);
    return source;
  }

  /** Closes every source and ends the threads. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    const open = this.#threads.flatMap((thread) => [...thread.sources.values()]);
    for (const source of open) void source.close();
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(index: number): ThreadClient {
    const { mediaRoot, gpus = [], decodeInPool = false } = this.#options;
    const gpu = gpus[index % gpus.length] ?? null;
    const thread = new ThreadClient({ mediaRoot, decodeInPool, gpu }, this.#logger, (dead, error) => this.#replace(index, dead, error));
    this.#threads[index] = thread;
    return thread;
  }

  /** A thread that died takes no camera with it for longer than a second. */
  #replace(index: number, dead: ThreadClient, error: Error): void {
    if (this.#closed) return;
    this.#logger.error({ error: error.message, sources: dead.sources.size }, "A media thread died; starting another");
    const info = new AppError("INTERNAL", "The decoding thread failed and is started anew").toInfo();
    for (const source of dead.sources.values()) source.fail(info);
    const timer = setTimeout(() => {
      this.#restarts.delete(timer);
      const thread = this.#start(index);
      for (const source of dead.sources.values()) source.moveTo(thread);
      dead.sources.clear();
    }, RESTART_MS);
    this.#restarts.add(timer);
  }
}
