import type { ErrorInfo } from "@octet/shared/errors";
import type { BackoffOptions } from "./backoff.ts";
import type { ResizeMode, ResizePlan } from "./resize-plan.ts";

/** The input of the model that the frames are for. */
export interface FrameTarget {
  width: number;
  height: number;
  resize: ResizeMode;
  /** 0–255, for the borders of a letterbox. */
  padValue: number;
  channels: "rgb" | "bgr";
}

export interface SourceOptions {
  /** Camera id; begins the ids of its packet streams. */
  id: string;
  /** rtsp(s)://, http(s)://, file:NAME (below the media folder) or synthetic:faces?size=1280x720&fps=25&seed=1 */
  url: string;
  transport: "tcp" | "udp";
  /** Frames a second to scale and hand over; by time stamp. */
  detectFps: number;
  /** Frames a second while nothing moves; absent or null: as many as ever. */
  stillFps?: number | null;
  target: FrameTarget;
  /**
   * Default true: a file plays at the pace of its time stamps and loops for ever. False: as fast as possible,
   * one pass, then `ended`; the consumer sets the pace, see `SourceHandle.recycle`.
   */
  realtime?: boolean;
  /** Hand over every decoded frame, whatever `detectFps` says. */
  everyFrame?: boolean;
  /** A stream that is silent for so long is given up and opened anew, ms. Default 10 000. */
  watchdogMs?: number;
  /** Decode in hardware where the host can. Default true. */
  hardware?: boolean;
  /** Pause between attempts to reconnect; the default is 1 s, doubling to 30 s. */
  backoff?: Omit<BackoffOptions, "random">;
}

export interface SampledFrame {
  /** Rises by one with each sampled frame of this source, across reconnects. */
  seq: number;
  /** Presentation time, ms; starts near zero, goes on across loops of a file. */
  ptsMs: number;
  /** Unix ms at which its packet could have been here: when it arrived, less `networkMs`. */
  capturedAt: number;
  /** How late its packet was, against its time stamp and the earliest arrivals of the last minutes; 0 for recordings. */
  networkMs: number;
  /** Size of the source's frame, pixels. */
  width: number;
  height: number;
  plan: ResizePlan;
  /** Planar bytes (CHW, 3·H·W) in the target's channel order; in memory that is shared with the source and used again once it is recycled. */
  data: Uint8Array;
  decodeMs: number;
  scaleMs: number;
  /** When it was scaled, by `monotonicMs`. */
  readyAt: number;
  /** JPEG of this very frame, only while previews are on. */
  preview: Uint8Array | null;
}

export interface StreamInfo {
  /** FFmpeg's name: h264, hevc, av1, mjpeg … */
  codec: string;
  width: number;
  height: number;
  /** As declared or, where the stream does not say, as measured; 0 while neither is known. */
  fps: number;
  /** "software" or the hardware decoder in use: cuda, vaapi, videotoolbox … */
  decoder: string;
  /** The device that scales the frames, before they are fetched; absent where the CPU does. */
  scaler?: string;
}

/**
 * `online` is said when the first frame was decoded, and once more if the frame rate becomes known later.
 * `ended` is final: a pass that was not `realtime` is over, with `error` where it could not be finished.
 */
export interface SourceState {
  state: "connecting" | "online" | "offline" | "ended";
  error: ErrorInfo | null;
  /** Until the next attempt, while offline. */
  retryInMs: number | null;
  stream: StreamInfo | null;
}

/** Encoded packets, in decoding order; the first chunk after `setVideo(true)` starts at a key frame. */
export interface PacketChunk {
  /** Changes when the source was reopened: a decoder must be configured anew. */
  streamId: string;
  /** WebCodecs codec string, e.g. avc1.64001f. */
  codec: string;
  /** avcC/hvcC where packets are length-prefixed; null for Annex B. */
  description: Uint8Array | null;
  width: number;
  height: number;
  packets: { ptsMs: number; key: boolean; data: Uint8Array }[];
}

/** Since the source was opened. */
export interface SourceCounters {
  /** Packets of the video stream. */
  received: number;
  decoded: number;
  scaled: number;
  reconnects: number;
  /** Packets that could not be decoded. */
  corrupt: number;
  /** Frames that were due but not scaled, because the process did not take the ones before. */
  skipped: number;
  /** Frames that were scaled but not handed over, because nothing had moved. */
  still: number;
  /** Frames a second over the last seconds. */
  streamFps: number;
}

export interface SourceListener {
  onFrame(frame: SampledFrame): void;
  onState(state: SourceState): void;
  onPackets?(chunk: PacketChunk): void;
  /** About once a second, and once when the source ends. */
  onCounters(counters: SourceCounters): void;
}

/** A box as fractions (0–1) of the source's frame. */
export interface FractionBox {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface SourceHandle {
  /** JPEG previews with each sampled frame, at most `width` pixels wide; null for none. */
  setPreview(width: number | null): void;
  /** Forward encoded packets to `onPackets`, beginning with the group of pictures under way. */
  setVideo(on: boolean): void;
  /** @param options `delayMs`: until the first frame under the new rate is due, ms; null, the default: the camera keeps its phase */
  update(options: { detectFps?: number; delayMs?: number | null; stillFps?: number | null }): void;
  /**
   * Give a frame's bytes back for reuse. For a source that is not `realtime` this is also what lets it go on:
   * at most 8 frames are out at once. (Bytes that are lost, and stand for a frame by an empty array, count too.)
   */
  recycle(buffer: Uint8Array): void;
  /**
   * JPEG thumbnail of a box, grown by a quarter and made square where the frame allows, at most `size` pixels
   * a side, cut from the decoded frame at the source's full resolution. Null when that frame is no longer kept
   * (the three latest sampled ones are).
   */
  crop(seq: number, box: FractionBox, size: number): Promise<Uint8Array | null>;
  /** The whole of that frame at full resolution, as a JPEG of quality 95 or more; null as with `crop`. */
  picture(seq: number): Promise<Uint8Array | null>;
  /** The decoded frame of `seq` is not needed any more. */
  release(seq: number): void;
  /** Stops the source; no listener is called after this. Resolves when its decoder and socket are gone. */
  close(): Promise<void>;
}
