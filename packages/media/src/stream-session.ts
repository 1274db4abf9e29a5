import { AV_NOPTS_VALUE, AVERROR_EAGAIN, AVERROR_EOF } from "node-av/constants";
import { avGetCodecName, type Frame, Packet } from "node-av/lib";
import { Backlog } from "./backlog.ts";
import { DecodeEconomy, type PacketFacts } from "./decode-economy.ts";
import { fromFfmpegCode, streamError } from "./ffmpeg-errors.ts";
import { estimateFps } from "./frame-rate.ts";
import { MediaInput } from "./media-input.ts";
import { PacketForwarder, packetTime } from "./packet-forwarder.ts";
import { PtsClock } from "./pts-clock.ts";
import { type Session, type SessionContext, Sleeper } from "./session.ts";
import type { SampledFrame } from "./source-types.ts";
import { VideoDecoder } from "./video-decoder.ts";

const DEFAULT_WATCHDOG_MS = 10_000;
/** A source that is not live yields to the thread's other sources after so long, ms. */
const SLICE_MS = 8;
/** A looping file that is later than this does not race to catch up, ms. */
const MAX_LAG_MS = 500;
/** Time stamps that jump by more begin anew, ms. */
const MAX_DTS_STEP_MS = 5000;
/** A stream that is behind again is said to be so no sooner than after so long, ms. */
const TELL_AGAIN_MS = 60_000;
/** A recording may end so much before its declared end (sound that is longer, rounding), ms and as a share. */
const CUT_OFF_MS = 1500;
const CUT_OFF_SHARE = 0.05;
/** Packets without one frame after which decoding counts as failed, and the least time for that, ms. */
const HOPELESS_PACKETS = 250;
const HOPELESS_MS = 30_000;

/** When a packet could have been here (Unix ms), and how long after that it was, ms. */
type Arrival = Pick<SampledFrame, "capturedAt" | "networkMs">;

/** A network stream or a file: reads, decodes, offers what is due. */
export class StreamSession implements Session {
  readonly #context: SessionContext;
  readonly #input: MediaInput;
  readonly #sleeper = new Sleeper();
  /** Read in libuv's pool, under the watchdog. */
  readonly #live: boolean;
  /** A recording (a file, or one behind http): plays at the pace of its time stamps and loops. */
  #paced: boolean;
  readonly #watchdogMs: number;
  #decoder!: VideoDecoder;
  #forwarder: PacketForwarder | null = null;
  #clock!: PtsClock;
  #stopped = false;
  #stalled = false;
  #opened = false;
  #video = false;
  #activeAt = performance.now();
  #fps = 0;
  #announced = false;
  #announcedScaler: string | null = null;
  #firstTimes: number[] | null = [];
  /** Of packets whose frames are still inside the decoder. */
  readonly #arrivals = new Map<bigint, Arrival>();
  #withoutFrame = { packets: 0, since: performance.now() };
  #playStart: { wall: number; ptsMs: number } | null = null;
  #sliceStart = performance.now();
  /** Time stamps of the pass under way, ms. */
  #pass: { first: number; last: number } | null = null;
  #cutOffTold = false;
  #lastDtsMs = 0;
  #behindToldAt = Number.NEGATIVE_INFINITY;
  /** null where every frame counts. */
  readonly #economy: DecodeEconomy | null;
  /** Of a live stream; a recording is read at its own pace. */
  readonly #backlog = new Backlog();

  constructor(context: SessionContext) {
    const { url, transport, watchdogMs, realtime, everyFrame, detectFps } = context.options;
    this.#context = context;
    this.#watchdogMs = watchdogMs ?? DEFAULT_WATCHDOG_MS;
    this.#input = new MediaInput({
      url,
      transport,
      mediaRoot: context.mediaRoot,
      timeoutMs: Math.max(5000, this.#watchdogMs),
      videoOnly: true,
    });
    this.#live = !this.#input.isFile;
    this.#paced = !this.#live && realtime !== false;
    this.#economy = realtime === false || everyFrame ? null : new DecodeEconomy(detectFps);
  }

  async run(): Promise<void> {
    try {
      await this.#input.open();
      this.#opened = true;
      if (this.#stopped) return;
      const { video } = this.#input;
      if (this.#context.options.realtime !== false && this.#input.isRecording) this.#paced = true;
      this.#fps = rate(video.avgFrameRate) || rate(video.rFrameRate);
      this.#clock = new PtsClock(video.timeBase);
      this.#decoder = VideoDecoder.create(video, { hardware: this.#context.options.hardware !== false });
      this.#context.output.begin(this.#decoder.name);
      this.#forwarder = new PacketForwarder(this.#context.streamId, video, (chunk) => this.#context.onPackets(chunk));
      this.#forwarder.on = this.#video;
      await this.#readLoop();
    } catch (error) {
      if (this.#stopped) return;
      throw this.#stalled ? this.#stallError() : error;
    } finally {
      this.#forwarder?.[Symbol.dispose]();
      if (this.#decoder) this.#context.output.begin("software");
      this.#decoder?.[Symbol.dispose]();
      await this.#input.close();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#input.interrupt();
    this.#sleeper.end();
    this.#context.output.end();
  }

  setVideo(on: boolean): void {
    this.#video = on;
    if (this.#forwarder) this.#forwarder.on = on;
  }

  setRate(detectFps: number): void {
    this.#economy?.setRate(detectFps);
  }

  checkStall(now: number): void {
    if (!this.#live || this.#stalled || now - this.#activeAt < this.#watchdogMs) return;
    this.#stalled = true;
    this.#input.interrupt();
  }

  #stallError() {
    const seconds = Math.round(this.#watchdogMs / 100) / 10;
    return this.#opened
      ? streamError("CAMERA_STALLED", `Nothing arrived for ${seconds} s, though the connection stands`)
      : streamError("CAMERA_TIMEOUT", `The camera did not answer within ${seconds} s`);
  }

  async #readLoop(): Promise<void> {
    const packet = new Packet();
    packet.alloc();
    let inThisPass = 0;
    // Each of its getters goes into native code: not once a packet.
    const { index } = this.#input.video;
    try {
      while (!this.#stopped) {
        const result = this.#live ? await this.#input.read(packet) : this.#input.readSync(packet);
        if (this.#stopped) return;
        if (this.#stalled) throw this.#stallError();
        if (result === AVERROR_EAGAIN) await this.#sleeper.sleep(2);
        else if (result === AVERROR_EOF && (this.#paced || !this.#live)) {
          await this.#decode(null, { capturedAt: Date.now(), networkMs: 0 });
          if (inThisPass === 0) throw streamError("CAMERA_NOT_VIDEO", "The file holds no pictures");
          this.#checkWhole();
          if (!this.#paced) return;
          inThisPass = 0;
          if (!this.#startAgain()) return;
        } else if (result < 0) throw fromFfmpegCode(result, this.#context.options.url, "reading");
        else if (packet.streamIndex === index) {
          inThisPass++;
          await this.#onPacket(packet);
        }
        packet.unref();
      }
    } finally {
      packet.free();
    }
  }

  /** A recording that ends well before it says so was cut off: a camera plays what is there, a single pass has failed. */
  #checkWhole(): void {
    const { declaredMs } = this.#input;
    const readMs = this.#pass ? this.#pass.last - this.#pass.first + this.#intervalMs : 0;
    this.#pass = null;
    if (declaredMs - readMs <= Math.max(CUT_OFF_MS, declaredMs * CUT_OFF_SHARE)) return;
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    const message = `The recording is cut off: ${seconds(readMs)} of its ${seconds(declaredMs)} s can be read`;
    if (!this.#paced) throw streamError("CAMERA_STREAM_ENDED", message);
    if (!this.#cutOffTold) this.#context.onWarning(message);
    this.#cutOffTold = true;
  }

  #startAgain(): boolean {
    this.#decoder.flush();
    this.#economy?.restart();
    this.#arrivals.clear();
    this.#clock.loop(this.#intervalMs);
    return this.#input.rewind();
  }

  get #intervalMs(): number {
    return 1000 / (this.#fps || 25);
  }

  async #onPacket(packet: Packet): Promise<void> {
    const { counters, ptsOffsetMs, output } = this.#context;
    const now = performance.now();
    this.#activeAt = now;
    counters.received++;
    const ticks = packetTime(packet);
    const ptsMs = this.#clock.toMs(ticks, this.#intervalMs) + ptsOffsetMs;
    if (this.#pass) this.#pass.last = Math.max(this.#pass.last, ptsMs);
    else this.#pass = { first: ptsMs, last: ptsMs };
    if (this.#paced) await this.#pace(ptsMs);
    else if (!this.#live && now - this.#sliceStart > SLICE_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#sliceStart = performance.now();
    }
    if (this.#stopped) return;
    if (this.#fps === 0) this.#measureFps(ptsMs);
    const lateMs = this.#lateMs(packet, now);
    const arrival = { capturedAt: Date.now() - lateMs, networkMs: lateMs };
    if (ticks !== null) this.#remember(ticks, arrival);
    // Nobody watches a pass that is not in real time; keeping its group of pictures costs a few per cent.
    if (this.#live || this.#paced || this.#video) this.#forwarder?.push(packet, ptsMs);
    if (this.#economy) this.#decoder.skip(this.#economy.onPacket(this.#factsOf(packet, ptsMs)));
    if (!(await this.#decode(packet, arrival))) counters.corrupt++;
    if (output.full) await output.ready();
  }

  #factsOf(packet: Packet, ptsMs: number): PacketFacts {
    const { nextDueMs } = this.#context.output;
    return { ptsMs, key: packet.isKeyframe, streamFps: this.#fps, nextDueMs, behind: this.#backlog.behind };
  }

  /** How long the packet lay in buffers since it could have been here, ms. */
  #lateMs(packet: Packet, now: number): number {
    if (!this.#live || this.#paced || packet.dts === AV_NOPTS_VALUE || this.#clock.msPerTick === 0) return 0;
    const { behind } = this.#backlog;
    const dtsMs = Number(packet.dts) * this.#clock.msPerTick;
    if (Math.abs(dtsMs - this.#lastDtsMs) > MAX_DTS_STEP_MS) this.#backlog.restart();
    this.#lastDtsMs = dtsMs;
    const lateMs = this.#backlog.onPacket(dtsMs, now);
    if (this.#backlog.behind && !behind && now - this.#behindToldAt > TELL_AGAIN_MS) {
      this.#behindToldAt = now;
      this.#context.onWarning("Frames arrive faster than they are decoded: only key frames are, until that is caught up");
    }
    return lateMs;
  }

  /** @returns false where the packet was corrupt: it is counted, and the next one is tried */
  async #decode(packet: Packet | null, arrival: Arrival): Promise<boolean> {
    let startedAt = performance.now();
    const fallback = this.#decoder.fallback;
    const onFrame = (frame: Frame): void => {
      this.#onFrame(frame, arrival, performance.now() - startedAt);
      startedAt = performance.now();
    };
    const good = this.#context.decodeInPool ? await this.#decoder.decodeInPool(packet, onFrame) : this.#decoder.decode(packet, onFrame);
    if (this.#decoder.fallback !== fallback) {
      this.#context.onWarning(`${this.#decoder.fallback}; decoding in software`);
      this.#announced = false;
    }
    this.#withoutFrame.packets++;
    if (this.#withoutFrame.packets > HOPELESS_PACKETS && startedAt - this.#withoutFrame.since > HOPELESS_MS) {
      throw streamError("CAMERA_DECODE_FAILED", "Packets arrive, but no picture can be decoded from them");
    }
    return good;
  }

  #onFrame(frame: Frame, latest: Arrival, decodeMs: number): void {
    const { counters, output, ptsOffsetMs } = this.#context;
    counters.decoded++;
    this.#withoutFrame = { packets: 0, since: performance.now() };
    if (!this.#announced) this.#announce(frame.width, frame.height);
    const ticks = frame.bestEffortTimestamp === AV_NOPTS_VALUE ? null : frame.bestEffortTimestamp;
    const ptsMs = this.#clock.toMs(ticks, 0) + ptsOffsetMs;
    const arrival = (ticks === null ? undefined : this.#arrivals.get(ticks)) ?? latest;
    if (ticks !== null) this.#arrivals.delete(ticks);
    const whole = this.#economy?.onFrame(ptsMs) ?? true;
    if (whole && output.due(ptsMs)) output.offer(frame, { ptsMs, ...arrival, decodeMs });
    if (output.scaler !== this.#announcedScaler) {
      if (output.deviceFallback) this.#context.onWarning(`${output.deviceFallback}; frames are fetched whole and scaled on the CPU`);
      this.#announce(frame.width, frame.height);
    }
  }

  #announce(width: number, height: number): void {
    const { scaler } = this.#context.output;
    this.#announced = true;
    this.#announcedScaler = scaler;
    const codec = avGetCodecName(this.#input.video.codecpar.codecId) ?? "unknown";
    this.#context.onStream({ codec, width, height, fps: this.#fps, decoder: this.#decoder.name, ...(scaler ? { scaler } : {}) });
  }

  /** For streams that do not declare their rate: from the first time stamps, said in a second announcement. */
  #measureFps(ptsMs: number): void {
    if (!this.#firstTimes) return;
    this.#firstTimes.push(ptsMs);
    const fps = estimateFps(this.#firstTimes, 20);
    if (fps === null) return;
    this.#fps = fps;
    this.#firstTimes = null;
    this.#announced = false;
  }

  #remember(ticks: bigint, arrival: Arrival): void {
    this.#arrivals.set(ticks, arrival);
    if (this.#arrivals.size <= 64) return;
    // Packets whose frames never came out: corrupt ones.
    for (const oldest of this.#arrivals.keys()) {
      this.#arrivals.delete(oldest);
      if (this.#arrivals.size <= 32) break;
    }
  }

  /** Waits until the packet at `ptsMs` would have arrived from a camera. */
  async #pace(ptsMs: number): Promise<void> {
    const now = performance.now();
    this.#playStart ??= { wall: now, ptsMs };
    const waitMs = this.#playStart.wall + (ptsMs - this.#playStart.ptsMs) - now;
    if (waitMs < -MAX_LAG_MS) this.#playStart = { wall: now, ptsMs };
    if (waitMs > 1) await this.#sleeper.sleep(waitMs);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Nonsense rates (90 000 from a time base, say) count as unknown. */
function rate(value: { num: number; den: number }): number {
  const fps = value.den > 0 ? value.num / value.den : 0;
  return fps >= 0.1 && fps <= 240 ? Math.round(fps * 100) / 100 : 0;
}
