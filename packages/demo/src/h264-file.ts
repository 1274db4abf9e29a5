import { rename, rm } from "node:fs/promises";
import { AppError } from "@octet/shared/errors";
import { AV_CODEC_FLAG_GLOBAL_HEADER, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, AVCOL_SPC_BT709 } from "node-av/constants";
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
  type Stream,
} from "node-av/lib";

export interface H264Options {
  /** Even numbers of pixels. */
  width: number;
  height: number;
  fps: number;
  /** Frames between key frames. */
  gop: number;
}

/** Writes frames of any format and size into an H.264 MP4 as cameras make it: steady key frames, no B-frames. */
export class H264File {
  private readonly path: string;
  private readonly partial: string;
  private readonly options: H264Options;
  private readonly format = new FormatContext();
  private readonly context = new CodecContext();
  private readonly scale = new SoftwareScaleContext();
  private readonly frame = new Frame();
  private readonly packet = new Packet();
  private stream: Stream | null = null;
  private count = 0n;

  private constructor(path: string, options: H264Options) {
    this.path = path;
    this.partial = `${path}.${process.pid}.partial`;
    this.options = options;
  }

  static async create(path: string, options: H264Options): Promise<H264File> {
    const file = new H264File(path, options);
    await file.open();
    return file;
  }

  private async open(): Promise<void> {
    const { width, height, fps, gop } = this.options;
    check(this.format.allocOutputContext2(null, "mp4", this.partial), "make an MP4");
    const codec = Codec.findEncoderByName("libx264" as never);
    if (!codec) throw new AppError("INTERNAL", "This FFmpeg has no libx264");
    this.context.allocContext3(codec);
    Object.assign(this.context, {
      width,
      height,
      pixelFormat: AV_PIX_FMT_YUV420P,
      timeBase: new Rational(1, fps),
      framerate: new Rational(fps, 1),
      gopSize: gop,
      maxBFrames: 0,
      colorSpace: AVCOL_SPC_BT709,
      colorRange: AVCOL_RANGE_MPEG,
    });
    this.context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    using options = Dictionary.fromObject({
      preset: "veryfast",
      crf: "26",
      tune: "zerolatency",
      "x264-params": `keyint=${gop}:min-keyint=${gop}:scenecut=0:bframes=0`,
    });
    check(await this.context.open2(codec, options), "open libx264");
    this.stream = this.format.newStream(codec);
    check(this.stream.codecpar.fromContext(this.context), "describe the stream");
    this.stream.timeBase = new Rational(1, fps);
    check(await this.format.openOutput(), `write ${this.partial}`);
    check(await this.format.writeHeader(), "write the header");
    this.scale.allocContext();
    this.scale.setOption("sws_flags", "bilinear");
    this.frame.alloc();
    Object.assign(this.frame, { width, height, format: AV_PIX_FMT_YUV420P, colorSpace: AVCOL_SPC_BT709, colorRange: AVCOL_RANGE_MPEG });
    check(this.frame.getBuffer(), "allocate");
    this.packet.alloc();
  }

  async write(source: Frame): Promise<void> {
    check(this.frame.makeWritable(), "reuse a frame");
    check(this.scale.scaleFrameSync(this.frame, source), "scale");
    this.frame.pts = this.count++;
    check(await this.context.sendFrame(this.frame), "encode");
    await this.drain();
  }

  /** Completes the file and gives it its name in one step, so that a half-written one is never taken for whole. */
  async finish(): Promise<void> {
    check(await this.context.sendFrame(null), "flush");
    await this.drain();
    check(await this.format.writeTrailer(), "finish the file");
    await this.close();
    await rename(this.partial, this.path);
  }

  async abort(): Promise<void> {
    await this.close();
    await rm(this.partial, { force: true });
  }

  private async drain(): Promise<void> {
    while ((await this.context.receivePacket(this.packet)) >= 0) {
      if (!this.stream) return;
      this.packet.streamIndex = this.stream.index;
      this.packet.duration = 1n;
      this.packet.rescaleTs(this.context.timeBase, this.stream.timeBase);
      check(await this.format.interleavedWriteFrame(this.packet), "write");
    }
  }

  private async close(): Promise<void> {
    await this.format.closeOutput();
    this.packet.free();
    this.frame.free();
    this.scale.freeContext();
    this.context.freeContext();
    this.format.freeContext();
  }
}

function check(code: number, what: string): void {
  if (code < 0) throw new AppError("INTERNAL", `The demo clip cannot be made: cannot ${what}: ${FFmpegError.strerror(code as never)}`);
}
