import type { StreamProbe } from "@octet/shared/domain/camera";
import { avGetCodecName, Packet } from "node-av/lib";
import { streamError } from "./ffmpeg-errors.ts";
import { estimateFps } from "./frame-rate.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import { MediaInput } from "./media-input.ts";
import { redactUrl } from "./redact-url.ts";
import { VideoDecoder } from "./video-decoder.ts";

export interface ProbeOptions {
  url: string;
  transport: "tcp" | "udp";
  /** Folder that `file:` URLs lie in. */
  mediaRoot: string;
  /** The answer comes within this, whatever the camera does. */
  timeoutMs?: number;
}

const SNAPSHOT_WIDTH = 640;
/** Reading goes on for so long to see two key frames; a longer GOP than that is not told. */
const WATCH_MS = 3500;
const MAX_PACKETS = 600;

/**
 * Opens a stream once and tells what it is: codec, size, rate, GOP and one picture.
 * @throws AppError CAMERA_… with what is wrong and what to do
 */
export async function probeStream(options: ProbeOptions): Promise<StreamProbe> {
  const { url, transport, mediaRoot, timeoutMs = 9000 } = options;
  if (url.startsWith("synthetic:")) throw streamError("CAMERA_NOT_VIDEO", "A synthetic camera needs no test: it is made inside the worker");
  const input = new MediaInput({ url, transport, mediaRoot, timeoutMs, videoOnly: false });
  let late: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    late = setTimeout(() => {
      input.interrupt();
      reject(streamError("CAMERA_TIMEOUT", `${redactUrl(url)} did not answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  });
  const work = look(input, timeoutMs);
  // Where the time is up first, its own end is of no interest any more.
  work.catch(() => {});
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(late);
    input.interrupt();
    void work.catch(() => {}).finally(() => input.close());
  }
}

async function look(input: MediaInput, timeoutMs: number): Promise<StreamProbe> {
  const startedAt = performance.now();
  await input.open();
  const { video } = input;
  using decoder = VideoDecoder.create(video, { hardware: false });
  using encoder = new JpegEncoder();
  using packet = new Packet();
  packet.alloc();
  const seconds = video.timeBase.num / video.timeBase.den;
  const times: number[] = [];
  const keys: number[] = [];
  let bytes = 0;
  let snapshot: Uint8Array | null = null;
  let size = { width: video.codecpar.width, height: video.codecpar.height };
  const until = Math.min(startedAt + timeoutMs - 500, performance.now() + WATCH_MS);
  for (let count = 0; count < MAX_PACKETS && (keys.length < 2 || !snapshot); ) {
    const result = await input.read(packet);
    if (result < 0) break;
    if (packet.streamIndex === video.index) {
      if (packet.isKeyframe) keys.push(count);
      // Some packets have no time (AV_NOPTS_VALUE, the smallest 64-bit number).
      if (packet.pts > -(2n ** 62n)) times.push(Number(packet.pts) * seconds * 1000);
      bytes += packet.size;
      count++;
      if (!snapshot) {
        decoder.decode(packet, (frame) => {
          size = { width: frame.width, height: frame.height };
          snapshot ??= encoder.encode(frame, SNAPSHOT_WIDTH);
        });
      }
    }
    packet.unref();
    if (performance.now() > until && snapshot) break;
  }
  if (!snapshot) decoder.decode(null, (frame) => void (snapshot ??= encoder.encode(frame, SNAPSHOT_WIDTH)));
  if (!snapshot) throw streamError("CAMERA_NOT_VIDEO", "The stream opens, but no picture could be decoded from it");
  const { num, den } = video.avgFrameRate;
  const declared = den > 0 && num > 0 ? num / den : null;
  const fps = declared && declared <= 240 ? declared : (estimateFps(times, 2) ?? 0);
  const spanMs = Math.max(...times) - Math.min(...times);
  return {
    codec: avGetCodecName(video.codecpar.codecId) ?? "unknown",
    ...size,
    fps,
    gop: keys.length >= 2 ? (keys[1] ?? 0) - (keys[0] ?? 0) : null,
    bitrateKbps: spanMs > 500 ? Math.round((bytes * 8) / spanMs) : null,
    hasAudio: input.hasAudio,
    openMs: Math.round(input.openMs),
    snapshot,
  };
}
