import { AppError } from "@octet/shared/errors";
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO, AVSEEK_FLAG_BACKWARD } from "node-av/constants";
import { Dictionary, FormatContext, type Packet, type Stream } from "node-av/lib";
import { diagnoseOpenError, streamError } from "./ffmpeg-errors.ts";
import { resolveMediaFile } from "./media-path.ts";

export interface InputOptions {
  url: string;
  transport: "tcp" | "udp";
  mediaRoot: string;
  /** FFmpeg's own limit on a blocked socket, ms; the caller's watchdog is the shorter one. */
  timeoutMs: number;
  /** Leave sound and metadata streams out of the RTSP session. */
  videoOnly: boolean;
}

/** Containers that carry video themselves: a playlist or an SDP file could name other files and hosts. */
const FILE_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,h264,hevc,ivf,ogg,asf,mjpeg,obu,m4v";

function openOptions(o: InputOptions, isFile: boolean): Record<string, string> {
  const timeoutUs = String(Math.round(o.timeoutMs * 1000));
  if (isFile) return { protocol_whitelist: "file", format_whitelist: FILE_FORMATS };
  if (/^https?:/i.test(o.url)) {
    // No "file": an HLS playlist from the net must not read this host's files.
    return {
      protocol_whitelist: "http,https,tcp,tls,crypto,httpproxy",
      rw_timeout: timeoutUs,
      timeout: timeoutUs,
      probesize: "1000000",
      analyzeduration: "1500000",
    };
  }
  return {
    protocol_whitelist: "rtsp,rtsps,rtp,srtp,udp,tcp,tls,http,https,crypto",
    rtsp_transport: o.transport,
    timeout: timeoutUs,
    // Enough for size and codec where the SDP does not tell; the packets read meanwhile are not lost.
    probesize: "500000",
    analyzeduration: "1000000",
    // Packets that come out of order over UDP: wait no longer than this for the missing one, µs.
    max_delay: "200000",
    ...(o.transport === "udp" ? { buffer_size: "2097152" } : {}),
    ...(o.videoOnly ? { allowed_media_types: "video" } : {}),
  };
}

/** One opened stream or file: its demuxer and its best video stream. Close it in every case, also when `open` threw. */
export class MediaInput implements AsyncDisposable {
  readonly isFile: boolean;
  readonly #options: InputOptions;
  readonly #format = new FormatContext();
  #stream: Stream | null = null;
  #interrupted = false;
  #closed: Promise<void> | null = null;
  #openMs = 0;

  constructor(options: InputOptions) {
    this.#options = options;
    this.isFile = !/^(rtsps?|https?):/i.test(options.url);
    // Before openInput: without it interrupt() does nothing, and closeInput() leaves a pending read unresolved for ever.
    this.#format.allocContext();
  }

  /** The video stream; only after `open`. */
  get video(): Stream {
    if (!this.#stream) throw new AppError("INTERNAL", "The input is not open");
    return this.#stream;
  }

  get hasAudio(): boolean {
    return this.#format.findBestStream(AVMEDIA_TYPE_AUDIO) >= 0;
  }

  /** A file, or one behind http: has an end, and comes as fast as it is read. An RTSP server sets the pace itself. */
  get isRecording(): boolean {
    return this.isFile || (/^https?:/i.test(this.#options.url) && this.#format.duration > 0n);
  }

  /** How long the recording says it is, ms; 0 where it does not say. */
  get declaredMs(): number {
    const { duration, timeBase } = this.video;
    if (duration > 0n && timeBase.den > 0) return (Number(duration) * 1000 * timeBase.num) / timeBase.den;
    return this.#format.duration > 0n ? Number(this.#format.duration) / 1000 : 0;
  }

  get openMs(): number {
    return this.#openMs;
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** @throws AppError with the reason, as a CAMERA_ code */
  async open(): Promise<void> {
    const startedAt = performance.now();
    const { url, mediaRoot } = this.#options;
    const target = this.isFile ? `file:${resolveMediaFile(url, mediaRoot)}` : url;
    using options = Dictionary.fromObject(openOptions(this.#options, this.isFile));
    const opened = await this.#format.openInput(target, null, options);
    if (opened < 0) throw await diagnoseOpenError(opened, url);
    let index = this.#format.findBestStream(AVMEDIA_TYPE_VIDEO);
    const sdpStream = index >= 0 ? this.#format.streams[index] : undefined;
    // Most cameras put the parameter sets into the SDP: then the size is known already, and the second that
    // FFmpeg would spend on probing is saved.
    if (sdpStream && !sdpStream.codecpar.width && sdpStream.codecpar.extradata) sdpStream.codecpar.parseExtradata();
    if (this.isFile || !sdpStream?.codecpar.width) {
      const found = await this.#format.findStreamInfo();
      if (found < 0) throw await diagnoseOpenError(found, url);
      index = this.#format.findBestStream(AVMEDIA_TYPE_VIDEO);
    }
    const stream = index >= 0 ? this.#format.streams[index] : undefined;
    if (!stream) throw streamError("CAMERA_NOT_VIDEO", "The stream carries no video");
    this.#stream = stream;
    this.#openMs = performance.now() - startedAt;
  }

  /** Next packet of any stream: 0, or FFmpeg's negative code. Waits in libuv's pool. */
  read(packet: Packet): Promise<number> {
    return this.#format.readFrame(packet);
  }

  /** As `read`, blocking: for files only. */
  readSync(packet: Packet): number {
    return this.#format.readFrameSync(packet);
  }

  /** Back to the start; false where the container cannot. */
  rewind(): boolean {
    const start = this.video.startTime > 0n ? this.video.startTime : 0n;
    return this.#format.seekFrameSync(this.video.index, start, AVSEEK_FLAG_BACKWARD) >= 0;
  }

  /** Makes a pending open or read return at once; the input can only be closed after this. */
  interrupt(): void {
    this.#interrupted = true;
    this.#format.interrupt();
  }

  close(): Promise<void> {
    this.#closed ??= this.#format.closeInput().catch(() => {});
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
