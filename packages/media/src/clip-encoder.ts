import { AppError } from "@octet/shared/errors";
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type FFEncoderCodec,
} from "node-av/constants";
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Packet, Rational, SoftwareScaleContext, type Stream } from "node-av/lib";

export const CLIP_FPS = 25;

/** Encoders and their fastest useful settings. */
const encoders = {
  h264: { name: "libx264", options: { preset: "veryfast", crf: "24" } },
  hevc: { name: "libx265", options: { preset: "ultrafast", crf: "26", "x265-params": "log-level=none" } },
  av1: { name: "libsvtav1", options: { preset: "11", crf: "40" } },
} as const;
export type ClipCodec = keyof typeof encoders;

/** Writes frames of any size and format as a clip, of H.264 unless another codec is asked for, that plays over RTSP and in a browser: no B-frames, a key frame every two seconds. */
export class ClipEncoder implements AsyncDisposable {
  readonly #format = new FormatContext();
  readonly #context = new CodecContext();
  readonly #scale = new SoftwareScaleContext();
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  #stream!: Stream;
  #count = 0n;
  #timeBase = { num: 1, den: CLIP_FPS };

  private constructor() {}

  /** @param path of an mp4 file, overwritten. @param options `fps` in steps of a tenth */
  static async create(
    path: string,
    width: number,
    height: number,
    { codec = "h264", fps = CLIP_FPS }: { codec?: ClipCodec; fps?: number } = {},
  ): Promise<ClipEncoder> {
    const encoder = new ClipEncoder();
    encoder.#timeBase = { num: 10, den: Math.round(10 * fps) };
    await encoder.#open(path, width, height, codec);
    return encoder;
  }

  async #open(path: string, width: number, height: number, kind: ClipCodec): Promise<void> {
    const { name, options } = encoders[kind];
    const codec = Codec.findEncoderByName(name as FFEncoderCodec);
    if (!codec) throw new AppError("UNSUPPORTED", `This FFmpeg build has no ${name}`);
    const context = this.#context;
    context.allocContext3(codec);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUV420P;
    context.colorSpace = AVCOL_SPC_BT709;
    context.colorPrimaries = AVCOL_PRI_BT709;
    context.colorTrc = AVCOL_TRC_BT709;
    context.colorRange = AVCOL_RANGE_MPEG;
    const { num, den } = this.#timeBase;
    context.timeBase = new Rational(num, den);
    context.framerate = new Rational(den, num);
    context.gopSize = Math.round((2 * den) / num);
    context.maxBFrames = 0;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    // As options of the context and not of open2, whose dictionary node-av 6.1.1 frees twice.
    for (const [option, value] of Object.entries(options)) context.setOption(option, value);
    check(await context.open2(codec, null), "open the encoder");
    check(this.#format.allocOutputContext2(null, "mp4", path), "make an mp4 file");
    this.#stream = this.#format.newStream(codec);
    check(this.#stream.codecpar.fromContext(context), "describe the stream");
    this.#stream.timeBase = context.timeBase;
    check(await this.#format.openOutput(), "write the file");
    check(await this.#format.writeHeader(), "write the file");
    this.#scale.allocContext();
    this.#scale.setOption("sws_flags", "bilinear");
    this.#packet.alloc();
    this.#frame.alloc();
    this.#frame.width = width;
    this.#frame.height = height;
    this.#frame.format = AV_PIX_FMT_YUV420P;
    this.#frame.colorSpace = AVCOL_SPC_BT709;
    this.#frame.colorRange = AVCOL_RANGE_MPEG;
    check(this.#frame.getBuffer(), "allocate a frame");
  }

  async add(picture: Frame): Promise<void> {
    // x264 may still hold the last one.
    check(this.#frame.makeWritable(), "allocate a frame");
    check(await this.#scale.scaleFrame(this.#frame, picture), "scale a frame");
    this.#frame.pts = this.#count++;
    check(await this.#context.sendFrame(this.#frame), "encode a frame");
    await this.#write();
  }

  /** Writes what the encoder still holds, and the file's index. */
  async finish(): Promise<void> {
    check(await this.#context.sendFrame(null), "finish the clip");
    await this.#write();
    check(await this.#format.writeTrailer(), "finish the clip");
    await this.#format.closeOutput();
  }

  async #write(): Promise<void> {
    while ((await this.#context.receivePacket(this.#packet)) >= 0) {
      this.#packet.streamIndex = this.#stream.index;
      this.#packet.duration = 1n;
      this.#packet.rescaleTs(this.#timeBase, this.#stream.timeBase);
      check(await this.#format.interleavedWriteFrame(this.#packet), "write a frame");
      this.#packet.unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#context.freeContext();
    this.#scale.freeContext();
    this.#frame.free();
    this.#packet.free();
    await this.#format[Symbol.asyncDispose]();
  }
}

function check(code: number, what: string): void {
  if (code < 0) throw new AppError("INTERNAL", `Cannot ${what}: ${FFmpegError.strerror(code)}`);
}
