import type { Detection } from "@octet/shared/domain/detection";
import type { LiveFrame } from "@octet/shared/protocol/live-frame";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";

/** Frames are shown so much after they came, so that their boxes are there and the network may stutter. */
const DELAY_MS = 350;
const BEHIND_MS = 1200;
/** Decode errors within a minute after which this browser counts as unable to play the stream. */
const MAX_ERRORS = 3;
const ERRORS_WITHIN_MS = 60_000;
/** Boxes older than this are of another scene. */
const BOX_LIFE_MS = 600;

export interface Boxed {
  detections: readonly Detection[];
  ptsMs: number;
}

/** Decodes a camera's own packets in the browser and shows each picture at its time, with the boxes of that time. */
export class VideoPlayer {
  frames = 0;
  private readonly canvas: HTMLCanvasElement;
  private readonly onBoxes: (boxes: readonly Detection[]) => void;
  private readonly onFailure: (reason: string) => void;
  private decoder: VideoDecoder | null = null;
  private streamId = "";
  private needsKey = true;
  private errorTimes: number[] = [];
  private queue: VideoFrame[] = [];
  private boxes: Boxed[] = [];
  /** performance.now() − pts of the stream, ms. */
  private offset: number | null = null;
  private raf = 0;
  private closed = false;

  constructor(canvas: HTMLCanvasElement, onBoxes: (boxes: readonly Detection[]) => void, onFailure: (reason: string) => void) {
    this.canvas = canvas;
    this.onBoxes = onBoxes;
    this.onFailure = onFailure;
    this.raf = requestAnimationFrame(this.draw);
  }

  static supported(): boolean {
    return typeof VideoDecoder !== "undefined";
  }

  addBoxes(frame: LiveFrame): void {
    this.boxes.push({ detections: frame.detections, ptsMs: frame.ptsMs });
    if (this.boxes.length > 120) this.boxes.shift();
  }

  addChunk(chunk: VideoChunk): void {
    if (this.closed) return;
    try {
      if (chunk.streamId !== this.streamId || !this.decoder) this.configure(chunk);
      for (const packet of chunk.packets) {
        if (this.needsKey && !packet.key) continue;
        this.needsKey = false;
        this.decoder?.decode(
          new EncodedVideoChunk({
            type: packet.key ? "key" : "delta",
            timestamp: Math.round(packet.ptsMs * 1000),
            data: packet.data as Uint8Array<ArrayBuffer>,
          }),
        );
      }
    } catch (error) {
      this.recover((error as Error).message);
    }
  }

  close(): void {
    this.closed = true;
    cancelAnimationFrame(this.raf);
    this.reset();
  }

  private configure(chunk: VideoChunk): void {
    this.reset();
    this.streamId = chunk.streamId;
    this.needsKey = true;
    this.offset = null;
    this.boxes = [];
    this.decoder = new VideoDecoder({ output: (frame) => this.take(frame), error: (error) => this.recover(error.message) });
    this.decoder.configure({
      codec: chunk.codec,
      optimizeForLatency: true,
      ...(chunk.description ? { description: chunk.description as Uint8Array<ArrayBuffer> } : {}),
    });
  }

  private take(frame: VideoFrame): void {
    if (this.closed) {
      frame.close();
      return;
    }
    const pts = frame.timestamp / 1000;
    const now = performance.now();
    // The first pictures are the cached GOP and come at once: the newest one sets the clock. Also after a stall.
    const offset = now - pts;
    if (this.offset === null || offset < this.offset || now - (this.offset + pts) > BEHIND_MS) this.offset = offset;
    this.queue.push(frame);
    while (this.queue.length > 60) this.queue.shift()?.close();
  }

  private readonly draw = (): void => {
    if (this.closed) return;
    this.raf = requestAnimationFrame(this.draw);
    if (this.offset === null) return;
    const shownPts = performance.now() - this.offset - DELAY_MS;
    let due: VideoFrame | undefined;
    while (this.queue[0] && this.queue[0].timestamp / 1000 <= shownPts) {
      due?.close();
      due = this.queue.shift();
    }
    if (!due) return;
    const { displayWidth, displayHeight, timestamp } = due;
    if (this.canvas.width !== displayWidth || this.canvas.height !== displayHeight)
      Object.assign(this.canvas, { width: displayWidth, height: displayHeight });
    this.canvas.getContext("2d")?.drawImage(due, 0, 0);
    due.close();
    this.frames++;
    this.canvas.dataset["frames"] = String(this.frames);
    const at = timestamp / 1000;
    // Newest detection at or before this very picture.
    let boxes: Boxed | undefined;
    for (const candidate of this.boxes) if (candidate.ptsMs <= at + 1 && candidate.ptsMs >= at - BOX_LIFE_MS) boxes = candidate;
    this.onBoxes(boxes?.detections ?? []);
  };

  /** A damaged packet: begin anew with the next key frame; but not for ever. */
  private recover(reason: string): void {
    if (this.closed) return;
    const now = performance.now();
    this.errorTimes = [...this.errorTimes.filter((at) => now - at < ERRORS_WITHIN_MS), now];
    if (this.errorTimes.length >= MAX_ERRORS) this.fail(reason);
    else this.reset();
  }

  private fail(reason: string): void {
    if (this.closed) return;
    this.close();
    this.onFailure(reason);
  }

  private reset(): void {
    for (const frame of this.queue) frame.close();
    this.queue = [];
    if (this.decoder && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
  }
}
