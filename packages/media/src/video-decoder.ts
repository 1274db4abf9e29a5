import { AV_CODEC_FLAG_LOW_DELAY, AVERROR_EAGAIN, AVERROR_EOF, type FFDecoderCodec } from "node-av/constants";
import { avGetCodecName, Codec, CodecContext, Frame, type Packet, type Stream } from "node-av/lib";
import type { SkippedFrames } from "./decode-economy.ts";
import { streamError } from "./ffmpeg-errors.ts";
import { type HardwareDevice, hardwareDevices } from "./hardware.ts";
import { KEEP } from "./retained-frames.ts";

/** Frames that a decoder holds at most while it waits for more input (B-frames); far above any codec's. */
const MAX_FRAMES_PER_PACKET = 64;

/** A packet to send (null: no more come), or a frame to receive. */
type Call = { packet: Packet | null } | "receive";
type Calls<Result> = Generator<Call, Result, number>;

/**
 * One camera's decoder. One thread each: with dozens of cameras the cores are busy anyway, and frame threads
 * would hold back one frame per thread.
 */
export class VideoDecoder implements Disposable {
  readonly #stream: Stream;
  readonly #frame = new Frame();
  #context: CodecContext;
  #hardware: HardwareDevice | null;
  #decodedAny = false;
  #skipped: SkippedFrames = "none";
  /** Set when hardware was tried and given up: why. */
  fallback: string | null = null;

  private constructor(stream: Stream, context: CodecContext, hardware: HardwareDevice | null) {
    this.#stream = stream;
    this.#context = context;
    this.#hardware = hardware;
    this.#frame.alloc();
  }

  /** @throws AppError CAMERA_UNSUPPORTED_CODEC where no decoder takes the stream */
  static create(stream: Stream, options: { hardware: boolean }): VideoDecoder {
    const codec = Codec.findDecoder(stream.codecpar.codecId);
    const name = avGetCodecName(stream.codecpar.codecId) ?? "unknown";
    if (!codec) throw streamError("CAMERA_UNSUPPORTED_CODEC", `No decoder for ${name}`);
    if (options.hardware) {
      // The decoder that FFmpeg prefers may be one that knows no hardware: dav1d for AV1, whose own decoder has the same name as the codec.
      const decoders = [codec, Codec.findDecoderByName(name as FFDecoderCodec)].filter((decoder) => decoder !== null);
      for (const device of hardwareDevices()) {
        const able = decoders.find((decoder) => decoder.isHardwareAcceleratedDecoder(device.type));
        const context = able ? openContext(stream, able, device) : -1;
        if (typeof context !== "number") return new VideoDecoder(stream, context, device);
      }
    }
    const context = openContext(stream, codec, null);
    if (typeof context === "number") throw streamError("CAMERA_UNSUPPORTED_CODEC", `The ${name} decoder does not accept this stream`);
    return new VideoDecoder(stream, context, null);
  }

  /** "software", or the name of the hardware in use. */
  get name(): string {
    return this.#hardware?.name ?? "software";
  }

  /**
   * Decodes one packet (null: drain at the end) and hands each frame to `onFrame`; the frame is valid during
   * that call only.
   * @returns false where the packet could not be decoded
   */
  decode(packet: Packet | null, onFrame: (frame: Frame) => void): boolean {
    const calls = this.#calls(packet, onFrame);
    let next = calls.next();
    while (!next.done) {
      const call = next.value;
      next = calls.next(call === "receive" ? this.#context.receiveFrameSync(this.#frame) : this.#context.sendPacketSync(call.packet));
    }
    return next.value;
  }

  /**
   * As `decode`, in libuv's pool: the other decoders of this thread go on meanwhile. One packet at a time, and nothing else
   * may be asked of this decoder until it has resolved.
   */
  async decodeInPool(packet: Packet | null, onFrame: (frame: Frame) => void): Promise<boolean> {
    const calls = this.#calls(packet, onFrame);
    let next = calls.next();
    while (!next.done) {
      const call = next.value;
      next = calls.next(await (call === "receive" ? this.#context.receiveFrame(this.#frame) : this.#context.sendPacket(call.packet)));
    }
    return next.value;
  }

  /** What is to be asked of FFmpeg for one packet, whoever asks it; each answer is its return code. @returns as `decode` */
  *#calls(packet: Packet | null, onFrame: (frame: Frame) => void): Calls<boolean> {
    const keysOnly = packet !== null && this.#skipped === "nokey";
    // It would be thrown away, after it was parsed.
    if (keysOnly && !packet.isKeyframe) return true;
    let sent = yield { packet };
    if (sent === AVERROR_EAGAIN) {
      yield* this.#receive(onFrame);
      sent = yield { packet };
    }
    const received = sent >= 0 || sent === AVERROR_EOF ? yield* this.#receive(onFrame) : sent;
    if (received >= 0) return keysOnly ? yield* this.#drain(onFrame) : true;
    if (!this.#hardware || this.#decodedAny || !this.#fallBack()) return false;
    return yield* this.#calls(packet, onFrame);
  }

  /** Which frames are not decoded, from the next packet on. */
  skip(frames: SkippedFrames): void {
    if (frames === this.#skipped) return;
    this.#skipped = frames;
    this.#context.setOption("skip_frame", frames);
  }

  /** After a seek. */
  flush(): void {
    this.#context.flushBuffers();
  }

  /**
   * A key frame of a stream with B-frames would wait for later ones, which are not decoded: for seconds. The next key frame
   * needs nothing that was before it: the decoder may begin anew.
   */
  *#drain(onFrame: (frame: Frame) => void): Calls<boolean> {
    yield { packet: null };
    const received = yield* this.#receive(onFrame);
    this.#context.flushBuffers();
    return received >= 0;
  }

  *#receive(onFrame: (frame: Frame) => void): Calls<number> {
    for (let count = 0; count < MAX_FRAMES_PER_PACKET; count++) {
      const result = yield "receive";
      if (result === AVERROR_EAGAIN || result === AVERROR_EOF) return 0;
      if (result < 0) return result;
      this.#decodedAny = true;
      try {
        onFrame(this.#frame);
      } finally {
        this.#frame.unref();
      }
    }
    return 0;
  }

  /** The hardware took the codec but not this stream (profile, size, no free session): go on in software. @returns false where that cannot be */
  #fallBack(): boolean {
    const codec = Codec.findDecoder(this.#stream.codecpar.codecId);
    const context = codec ? openContext(this.#stream, codec, null) : -1;
    if (typeof context === "number") return false;
    this.fallback = `${this.#hardware?.name} could not decode this stream`;
    this.#hardware = null;
    this.#context.freeContext();
    this.#context = context;
    context.setOption("skip_frame", this.#skipped);
    return true;
  }

  [Symbol.dispose](): void {
    this.#frame.free();
    this.#context.freeContext();
  }
}

function openContext(stream: Stream, codec: Codec, device: HardwareDevice | null): CodecContext | number {
  const context = new CodecContext();
  context.allocContext3(codec);
  let result = context.parametersToContext(stream.codecpar);
  if (result >= 0) {
    context.threadCount = 1;
    context.pktTimebase = stream.timeBase;
    if (device) {
      const format = hardwareFormat(codec, device);
      if (format === null) result = -1;
      else {
        context.hwDeviceCtx = device.context;
        context.setHardwarePixelFormat(format);
        // Those kept for crops, the one in hand and the one that is being scaled.
        context.extraHWFrames = KEEP + 2;
        // Without B-frames every picture can be shown at once, which a stream need not say.
        if (stream.codecpar.videoDelay === 0) context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
      }
    }
  }
  if (result >= 0) result = context.open2Sync(codec, null);
  if (result >= 0) return context;
  context.freeContext();
  return result;
}

function hardwareFormat(codec: Codec, device: HardwareDevice) {
  for (let index = 0; ; index++) {
    const config = codec.getHwConfig(index);
    if (!config) return null;
    if (config.deviceType === device.type) return config.pixFmt;
  }
}
