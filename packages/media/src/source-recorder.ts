import type { ErrorCode } from "@octet/shared/errors";
import type { PacketChunk, SampledFrame, SourceCounters, SourceHandle, SourceListener, SourceState } from "./source-types.ts";

/** For tests: a listener that remembers what it heard, and can wait for something to become true. */
export class SourceRecorder implements SourceListener {
  readonly frames: SampledFrame[] = [];
  readonly states: SourceState[] = [];
  readonly chunks: PacketChunk[] = [];
  counters: SourceCounters | null = null;
  /** Set it, and each frame is given back at once. */
  handle: SourceHandle | null = null;
  readonly #waiting = new Set<() => void>();

  onFrame(frame: SampledFrame): void {
    this.frames.push({ ...frame, data: this.frames.length < 3 ? frame.data.slice() : new Uint8Array() });
    this.handle?.recycle(frame.data);
    this.#check();
  }

  onState(state: SourceState): void {
    this.states.push(state);
    this.#check();
  }

  onPackets(chunk: PacketChunk): void {
    this.chunks.push(chunk);
    this.#check();
  }

  onCounters(counters: SourceCounters): void {
    this.counters = counters;
    this.#check();
  }

  get state(): SourceState["state"] | undefined {
    return this.states.at(-1)?.state;
  }

  get errorCode(): ErrorCode | undefined {
    return this.states.at(-1)?.error?.code;
  }

  /** Resolves once `condition` holds; checked at every event. @throws Error with what was heard, after `timeoutMs` */
  until(what: string, condition: () => boolean, timeoutMs = 20_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(done);
        const heard = this.states.map((state) => `${state.state}${state.error ? ` ${state.error.code}: ${state.error.message}` : ""}`);
        reject(
          new Error(
            `Waited in vain until ${what}; ${this.frames.length} frames, ${this.chunks.length} chunks, states: ${heard.join(" → ")}`,
          ),
        );
      }, timeoutMs);
      this.#waiting.add(done);
      done();
    });
  }

  #check(): void {
    for (const done of [...this.#waiting]) done();
  }
}
