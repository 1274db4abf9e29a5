import { AppError } from "@octet/shared/errors";
import { AV_CODEC_FLAG_QSCALE, AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG, AVCOL_SPC_SMPTE170M } from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational, SoftwareScaleContext } from "node-av/lib";

/** FF_QP2LAMBDA: the unit of `global_quality`. */
const LAMBDA = 118;
/** Quantiser scales, 1 (best) … 31: 4 is near JPEG quality 85; 1 quantises no coefficient more coarsely than quality 95 does. */
const SCALES = { small: 4, best: 1 } as const;

/** JPEG of frames, scaled to one size. Re-opened only when that size changes. */
export class JpegEncoder implements Disposable {
  readonly #scale = new SoftwareScaleContext();
  readonly #packet = new Packet();
  readonly #lambda: number;
  #frame: Frame | null = null;
  #context: CodecContext | null = null;

  constructor(quality: keyof typeof SCALES = "small") {
    this.#lambda = SCALES[quality] * LAMBDA;
    this.#scale.allocContext();
    this.#scale.setOption("sws_flags", "bilinear");
    this.#packet.alloc();
  }

  /**
   * @param frame in main memory
   * @param maxWidth pixels; a smaller frame is not enlarged
   * @throws AppError INTERNAL where swscale or the encoder fails
   */
  encode(frame: Frame, maxWidth: number): Uint8Array {
    const width = even(Math.min(maxWidth, frame.width));
    const target = this.#prepare(width, even((frame.height * width) / frame.width));
    check(this.#scale.scaleFrameSync(target.frame, frame), "scale");
    target.frame.quality = this.#lambda;
    check(target.context.sendFrameSync(target.frame), "encode");
    check(target.context.receivePacketSync(this.#packet), "encode");
    const jpeg = Uint8Array.from(this.#packet.data ?? []);
    this.#packet.unref();
    return jpeg;
  }

  #prepare(width: number, height: number): { frame: Frame; context: CodecContext } {
    if (this.#frame && this.#context && this.#frame.width === width && this.#frame.height === height)
      return { frame: this.#frame, context: this.#context };
    this.#free();
    const frame = new Frame();
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = AV_PIX_FMT_YUVJ420P;
    // JPEG is BT.601, full range, by definition: swscale converts from whatever the source is.
    frame.colorSpace = AVCOL_SPC_SMPTE170M;
    frame.colorRange = AVCOL_RANGE_JPEG;
    check(frame.getBuffer(), "allocate");
    const codec = Codec.findEncoder(AV_CODEC_ID_MJPEG);
    if (!codec) throw new AppError("INTERNAL", "FFmpeg has no JPEG encoder");
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorSpace = AVCOL_SPC_SMPTE170M;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 25);
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    context.globalQuality = this.#lambda;
    // Without it, FFmpeg takes 2 for 1.
    context.qMin = 1;
    // Without options: node-av frees a dictionary given to open2Sync twice.
    check(context.open2Sync(codec, null), "open");
    this.#frame = frame;
    this.#context = context;
    return { frame, context };
  }

  #free(): void {
    this.#frame?.free();
    this.#context?.freeContext();
    this.#frame = null;
    this.#context = null;
  }

  [Symbol.dispose](): void {
    this.#free();
    this.#packet.free();
    this.#scale.freeContext();
  }
}

const even = (value: number) => Math.max(2, Math.round(value / 2) * 2);

function check(code: number, what: string): void {
  if (code < 0) throw new AppError("INTERNAL", `JPEG: cannot ${what}: ${FFmpegError.strerror(code)}`);
}
