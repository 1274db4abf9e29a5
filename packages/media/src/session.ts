import type { FrameOutput } from "./frame-output.ts";
import type { PacketChunk, SourceCounters, SourceOptions, StreamInfo } from "./source-types.ts";

/** What one opened stream needs from its camera. */
export interface SessionContext {
  options: SourceOptions;
  mediaRoot: string;
  /** See `MediaHostOptions`. */
  decodeInPool: boolean;
  output: FrameOutput;
  counters: SourceCounters;
  streamId: string;
  /** Added to time stamps, so that they go on across reconnects, ms. */
  ptsOffsetMs: number;
  onStream(stream: StreamInfo): void;
  onPackets(chunk: PacketChunk): void;
  onWarning(message: string): void;
}

/** One opened stream of a camera: from opening it until it ends, fails or is stopped. */
export interface Session {
  /** Resolves at the end of a pass, or once stopped. @throws AppError with the reason for any other end */
  run(): Promise<void>;
  /** Ends `run` soon, from any state. */
  stop(): void;
  setVideo(on: boolean): void;
  /** Another rate is asked for. */
  setRate(detectFps: number): void;
  /** Ends `run` with an error where nothing has arrived for too long. @param now performance.now() */
  checkStall(now: number): void;
}

/** A wait that can be cut short. */
export class Sleeper {
  #wake: (() => void) | null = null;
  #done = false;

  /** @param ms at least; returns at once when `end` was called */
  async sleep(ms: number): Promise<void> {
    if (this.#done) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** Ends the wait under way and all later ones. */
  end(): void {
    this.#done = true;
    this.#wake?.();
  }
}
