import { AppError } from "@octet/shared/errors";
import { FFmpegError, Frame } from "node-av/lib";
import { FrameSampler } from "./frame-sampler.ts";
import { FrameScaler } from "./frame-scaler.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import { RetainedFrames } from "./retained-frames.ts";
import { MotionGate } from "./motion-gate.ts";
import type { SampledFrame, SourceCounters, SourceOptions } from "./source-types.ts";
import { FLOW_DELIVERED } from "./thread-protocol.ts";

/** Frames that the main loop may be behind before a live source stops scaling for it. */
const MAX_UNDELIVERED = 3;
/** Frames of a source that is not live which the consumer may hold. */
const MAX_HELD = 8;
const POOL = 4;

export interface FrameTimes {
  ptsMs: number;
  capturedAt: number;
  decodeMs: number;
}

/** Turns decoded frames of one camera into sampled ones: chooses, scales, previews, keeps, hands over. */
export class FrameOutput implements Disposable {
  readonly retained = new RetainedFrames();
  readonly #options: SourceOptions;
  readonly #sampler: FrameSampler;
  readonly #scaler: FrameScaler;
  readonly #delivered: Int32Array;
  readonly #send: (frame: SampledFrame) => void;
  readonly #counters: SourceCounters;
  readonly #pool: ArrayBuffer[] = [];
  #preview: { width: number; encoder: JpegEncoder } | null = null;
  readonly #motion: MotionGate;
  #stillFps: number | null;
  #seq = 0;
  #returned = 0;
  #wake: (() => void) | null = null;
  #ended = false;

  constructor(options: SourceOptions, flow: SharedArrayBuffer, counters: SourceCounters, send: (frame: SampledFrame) => void) {
    this.#options = options;
    this.#sampler = new FrameSampler(options.detectFps);
    this.#scaler = new FrameScaler(options.target);
    this.#motion = new MotionGate(options.target);
    this.#stillFps = options.stillFps ?? null;
    this.#delivered = new Int32Array(flow);
    this.#counters = counters;
    this.#send = send;
  }

  setRate(detectFps: number, delayMs: number): void {
    this.#sampler.setRate(detectFps, delayMs);
  }

  /** @param stillFps frames a second while nothing moves; null: as many as ever */
  setStillRate(stillFps: number | null): void {
    this.#stillFps = stillFps;
  }

  setPreview(width: number | null): void {
    if (width === null) this.#preview?.encoder[Symbol.dispose]();
    this.#preview = width === null ? null : { width, encoder: this.#preview?.encoder ?? new JpegEncoder() };
  }

  /** Whether the frame at `ptsMs` is to be offered; asked once a frame, in order. */
  due(ptsMs: number): boolean {
    if (this.#options.everyFrame !== true && !this.#sampler.due(ptsMs)) return false;
    if (this.#options.realtime === false) return true;
    // Int32 wraps after 2³¹ frames; the difference, taken as Int32, stays right.
    if (((this.#seq - Atomics.load(this.#delivered, FLOW_DELIVERED)) | 0) < MAX_UNDELIVERED) return true;
    this.#counters.skipped++;
    return false;
  }

  /** Scales and hands over a frame that is due. @throws AppError CAMERA_DECODE_FAILED */
  offer(decoded: Frame, times: FrameTimes): void {
    const frame = decoded.isHwFrame() ? download(decoded) : decoded;
    try {
      const startedAt = performance.now();
      const data = new Uint8Array(this.#pool.pop() ?? new ArrayBuffer(this.#scaler.byteLength));
      const plan = this.#scaler.scale(frame, data);
      if (this.#stillFps !== null && !this.#motion.pass(this.#green(data), times.ptsMs, this.#stillFps)) {
        this.#counters.still++;
        this.#pool.push(data.buffer);
        return;
      }
      const scaleMs = performance.now() - startedAt;
      const preview = this.#preview ? this.#preview.encoder.encode(frame, this.#preview.width) : null;
      const seq = this.#seq++;
      this.retained.keep(seq, frame);
      this.#counters.scaled++;
      this.#send({ seq, ...times, width: frame.width, height: frame.height, plan, data, scaleMs, preview });
    } finally {
      if (frame !== decoded) frame.free();
    }
  }

  /** The middle one of the three planes, in either order of channels. */
  #green(data: Uint8Array): Uint8Array {
    const { width, height } = this.#options.target;
    return data.subarray(width * height, 2 * width * height);
  }

  /** Whether the consumer of a source that is not live holds as many frames as it may. */
  get full(): boolean {
    return this.#options.realtime === false && this.#seq - this.#returned >= MAX_HELD && !this.#ended;
  }

  /** Resolves when it can take another. */
  async ready(): Promise<void> {
    while (this.full) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  recycle(buffer: ArrayBuffer | null): void {
    this.#returned++;
    if (buffer?.byteLength === this.#scaler.byteLength && this.#pool.length < POOL) this.#pool.push(buffer);
    this.#wake?.();
  }

  /** Ends a wait in `ready`, and all later ones: the source is being closed. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.end();
    this.setPreview(null);
    this.retained[Symbol.dispose]();
    this.#scaler[Symbol.dispose]();
  }
}

/** From the GPU's memory into main memory; only frames that are due come this way. */
function download(frame: Frame): Frame {
  const copy = new Frame();
  copy.alloc();
  const result = frame.hwframeTransferDataSync(copy);
  if (result < 0) {
    copy.free();
    throw new AppError("CAMERA_DECODE_FAILED", `A frame could not be fetched from the GPU: ${FFmpegError.strerror(result)}`);
  }
  copy.copyProps(frame);
  return copy;
}
