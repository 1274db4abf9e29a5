import type { StreamProbe, Transport } from "@octet/shared/domain/camera";
import { AppError } from "@octet/shared/errors";
import { AV_LOG_QUIET, AV_PIX_FMT_YUV420P, AVERROR_EAGAIN } from "node-av/constants";
import { avGetCodecName, Codec, CodecContext, Frame, Log, Packet } from "node-av/lib";
import { fromFfmpegCode, streamError } from "./ffmpeg-errors.ts";
import { estimateFps } from "./frame-rate.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import { MediaInput } from "./media-input.ts";
import { packetTime } from "./packet-forwarder.ts";
import { redactText, redactUrl } from "./redact-url.ts";
import { parseSyntheticUrl, SyntheticPicture } from "./synthetic-picture.ts";
import { frameFromPixels } from "./video-frame.ts";

export interface ProbeOptions {
  url: string;
  transport: Transport;
  mediaRoot: string;
  /** It answers within this, ms. Default 9000. */
  timeoutMs?: number;
}

/** How long packets are watched for rate and key frames, ms. */
const WATCH_MS = 3000;
const SNAPSHOT_WIDTH = 1280;

/**
 * "Test connection": opens a stream, watches it for up to two groups of pictures or three seconds, takes a
 * picture. Reads and decodes in libuv's pool, so the main loop goes on.
 * @throws AppError with a CAMERA_ code, a hint, and never the password; CAMERA_TIMEOUT after `timeoutMs`
 */
export async function probeStream(options: ProbeOptions): Promise<StreamProbe> {
  if (options.url.startsWith("synthetic:")) return probeSynthetic(options.url);
  Log.setLevel(AV_LOG_QUIET);
  const timeoutMs = options.timeoutMs ?? 9000;
  const deadline = performance.now() + timeoutMs;
  const input = new MediaInput({ ...options, timeoutMs, videoOnly: false });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      input.interrupt();
      reject(streamError("CAMERA_TIMEOUT", `${redactUrl(options.url)} did not answer within ${Math.round(timeoutMs / 100) / 10} s`));
    }, timeoutMs);
  });
  const probe = run(input, options, deadline - 500);
  try {
    // Not awaited alone: a name server that hangs cannot be interrupted.
    return await Promise.race([probe, timeout]);
  } catch (error) {
    const known = AppError.from(error);
    throw new AppError(known.code, redactText(known.message, options.url), { ...(known.hint ? { hint: known.hint } : {}), cause: error });
  } finally {
    clearTimeout(timer);
    probe.catch(() => {});
  }
}

interface Watched {
  timesMs: number[];
  keys: number[];
  bytes: number;
  snapshot: Uint8Array | null;
  size: { width: number; height: number } | null;
}

async function run(input: MediaInput, options: ProbeOptions, deadline: number): Promise<StreamProbe> {
  try {
    await input.open();
    const { codecpar, avgFrameRate } = input.video;
    const watched = await watch(input, options, Math.min(deadline, performance.now() + WATCH_MS), deadline);
    const declared = avgFrameRate.den > 0 ? avgFrameRate.num / avgFrameRate.den : 0;
    const spanMs = Math.max(...watched.timesMs) - Math.min(...watched.timesMs);
    const fps = declared > 0 && declared <= 240 ? declared : (estimateFps(watched.timesMs, 5) ?? 0);
    const [first, second] = watched.keys;
    return {
      codec: avGetCodecName(codecpar.codecId) ?? "unknown",
      width: watched.size?.width ?? codecpar.width,
      height: watched.size?.height ?? codecpar.height,
      fps: Math.round(fps * 100) / 100,
      gop: first !== undefined && second !== undefined ? second - first : null,
      bitrateKbps: spanMs > 200 ? Math.round((watched.bytes * 8) / spanMs) : null,
      hasAudio: input.hasAudio,
      openMs: Math.round(input.openMs),
      snapshot: watched.snapshot,
    };
  } finally {
    await input.close();
  }
}

/** Reads until two groups of pictures or the time are over; a first picture is waited for until `deadline`. */
async function watch(input: MediaInput, options: ProbeOptions, until: number, deadline: number): Promise<Watched> {
  const { video } = input;
  const codec = Codec.findDecoder(video.codecpar.codecId);
  if (!codec) throw streamError("CAMERA_UNSUPPORTED_CODEC", `No decoder for ${avGetCodecName(video.codecpar.codecId) ?? "this codec"}`);
  const watched: Watched = { timesMs: [], keys: [], bytes: 0, snapshot: null, size: null };
  const msPerTick = (1000 * video.timeBase.num) / video.timeBase.den;
  using packet = new Packet();
  packet.alloc();
  using frame = new Frame();
  frame.alloc();
  using context = new CodecContext();
  context.allocContext3(codec);
  context.parametersToContext(video.codecpar);
  context.threadCount = 1;
  if ((await context.open2(codec)) < 0) throw streamError("CAMERA_UNSUPPORTED_CODEC", "The decoder does not accept this stream");
  // At the deadline a read may be pending on a silent stream: what was seen until then is the answer.
  const alarm = setTimeout(() => input.interrupt(), Math.max(0, deadline - performance.now()));
  try {
    while (!enough(watched) && performance.now() < (watched.snapshot ? until : deadline)) {
      const result = await input.read(packet);
      if (result === AVERROR_EAGAIN) continue;
      if (result < 0) {
        if (watched.timesMs.length > 0) break;
        throw input.interrupted
          ? streamError("CAMERA_TIMEOUT", "The stream opened, but no picture arrived")
          : fromFfmpegCode(result, options.url, "reading");
      }
      if (packet.streamIndex === video.index) {
        const ticks = packetTime(packet);
        if (packet.isKeyframe) watched.keys.push(watched.timesMs.length);
        watched.timesMs.push(ticks === null ? watched.timesMs.length * 40 : Number(ticks) * msPerTick);
        watched.bytes += packet.size;
        if (!watched.snapshot && (await context.sendPacket(packet)) >= 0 && (await context.receiveFrame(frame)) >= 0)
          takeSnapshot(frame, watched);
      }
      packet.unref();
    }
    if (!watched.snapshot && (await context.sendPacket(null)) >= 0 && (await context.receiveFrame(frame)) >= 0)
      takeSnapshot(frame, watched);
    if (!watched.size) throw streamError("CAMERA_DECODE_FAILED", "Packets arrive, but no picture can be decoded from them");
    return watched;
  } finally {
    clearTimeout(alarm);
  }
}

/** Two whole groups of pictures, and enough time stamps for a frame rate where every picture is a key frame. */
const enough = (watched: Watched) => watched.keys.length >= 3 && watched.timesMs.length >= 20;

function takeSnapshot(frame: Frame, watched: Watched): void {
  using jpeg = new JpegEncoder();
  watched.size = { width: frame.width, height: frame.height };
  watched.snapshot = jpeg.encode(frame, SNAPSHOT_WIDTH);
}

function probeSynthetic(url: string): StreamProbe {
  const options = parseSyntheticUrl(url);
  const { width, height, fps } = options;
  using frame = frameFromPixels(new SyntheticPicture(options).draw(0), { width, height, format: AV_PIX_FMT_YUV420P });
  using jpeg = new JpegEncoder();
  return {
    codec: "synthetic",
    width,
    height,
    fps,
    gop: null,
    bitrateKbps: null,
    hasAudio: false,
    openMs: 0,
    snapshot: jpeg.encode(frame, SNAPSHOT_WIDTH),
  };
}
