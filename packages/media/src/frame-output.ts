import { AppError } from "@octet/shared/errors";
import { monotonicMs } from "@octet/shared/monotonic";
import type { Frame } from "node-av/lib";
import { DeviceScaler } from "./device-scaler.ts";
import { downloadFrame } from "./frame-download.ts";
import { FrameSampler } from "./frame-sampler.ts";
import { FrameScaler } from "./frame-scaler.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import { MotionGate } from "./motion-gate.ts";
import { RetainedFrames } from "./retained-frames.ts";
import { scalesOn } from "./scale-steps.ts";
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
  networkMs: number;
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
  /** Shared with whoever reads the frames: memory that is moved between threads is counted anew by each one's garbage collector. */
  readonly #pool: SharedArrayBuffer[] = [];
  /** null where frames are scaled on the CPU. */
  #device: DeviceScaler | null = null;
  /** Set when scaling on the device was tried and given up: why. */
  deviceFallback: string | null = null;
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

  /** A decoder begins, with surfaces of its own. @param decoder its name, see `VideoDecoder.name` */
  begin(decoder: string): void {
    this.#device?.[Symbol.dispose]();
    this.#device = scalesOn(decoder) ? new DeviceScaler(decoder) : null;
    this.deviceFallback = null;
  }

  /** Where frames are scaled: a device's name, or null for the CPU. */
  get scaler(): string | null {
    return this.#device?.device ?? null;
  }

  setRate(detectFps: number, delayMs: number | null): void {
    this.#sampler.setRate(detectFps, delayMs);
  }

  /** Stream time at which a frame is due next; null where the next one is. */
  get nextDueMs(): number | null {
    return this.#sampler.nextMs;
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
    const startedAt = performance.now();
    const small = decoded.isHwFrame() ? this.#scaleOnDevice(decoded) : null;
    // In main memory and whole, where someone needs that: without a scaler on the device everybody does.
    let whole: Frame | null = null;
    const inMemory = (): Frame => {
      whole ??= decoded.isHwFrame() ? downloadFrame(decoded) : decoded;
      return whole;
    };
    try {
      const data = new Uint8Array(this.#pool.pop() ?? new SharedArrayBuffer(this.#scaler.byteLength));
      const plan = this.#scaler.scale(small ?? inMemory(), data, decoded);
      if (this.#stillFps !== null && !this.#motion.pass(this.#green(data), times.ptsMs, this.#stillFps)) {
        this.#counters.still++;
        this.#pool.push(data.buffer);
        return;
      }
      const scaleMs = performance.now() - startedAt;
      const readyAt = monotonicMs();
      const preview = this.#preview
        ? this.#preview.encoder.encode(small && small.width >= this.#preview.width ? small : inMemory(), this.#preview.width)
        : null;
      const seq = this.#seq++;
      this.retained.keep(seq, whole ?? decoded);
      this.#counters.scaled++;
      this.#send({ seq, ...times, width: decoded.width, height: decoded.height, plan, data, scaleMs, preview, readyAt });
    } finally {
      small?.free();
      if (whole && whole !== decoded) (whole as Frame).free();
    }
  }

  /** null where the device has no scaler, or its scaler failed once: frames are fetched whole then. */
  #scaleOnDevice(decoded: Frame): Frame | null {
    if (!this.#device) return null;
    const { width, height } = this.#scaler.contentSize(decoded.width, decoded.height);
    try {
      return this.#device.scale(decoded, width, height);
    } catch (error) {
      this.deviceFallback = AppError.from(error).message;
      this.#device[Symbol.dispose]();
      this.#device = null;
      return null;
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

  recycle(buffer: SharedArrayBuffer | null): void {
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
    this.#device?.[Symbol.dispose]();
    this.#scaler[Symbol.dispose]();
  }
}
