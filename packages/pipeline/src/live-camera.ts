import type { SourceHandle } from "@octet/media/source-types";
import type { CameraStatus, FrameCounters } from "@octet/shared/domain/camera";
import type { Detection, StageTimes } from "@octet/shared/domain/detection";
import type { ErrorInfo } from "@octet/shared/errors";
import { Tracker } from "@octet/vision/track/tracker";
import type { Lane, LiveModel } from "./lane.ts";
import type { Shadow } from "./shadow.ts";
import { type StageHistograms, StageWindow } from "./stage-clock.ts";

/** What the pipeline needs to run one camera. `url` may hold a password. */
export interface LiveCameraConfig {
  id: string;
  epoch: number;
  url: string;
  transport: "tcp" | "udp";
  detectFps: number;
  confidence: number;
  /** Names of the classes that are reported; absent or empty: all that the model knows. */
  classes?: readonly string[];
  /** Detections a second while nothing moves; absent or null: as many as ever. */
  stillFps?: number | null;
  /** Time from capture to its detections that is asked for, ms; absent or null: the pipeline's. */
  latencyBudgetMs?: number | null;
  /** The detector that it runs on; absent: the worker's own. */
  model?: LiveModel | null;
  /** A detector that sees a share of its frames beside it, 0–1. */
  shadow?: { model: LiveModel; share: number; promotionId: string } | null;
  /** Of two cameras the one with the higher number keeps its rate longer under overload. Default 0. */
  priority?: number;
  /** Why it does not run on the model that was asked for. */
  modelAlarm?: ErrorInfo | null;
  /** Where its stage times are added up, beside those of all cameras. */
  stages?: Pick<StageHistograms, "add">;
  /** Largest pictures, pixels, that its profile wants to be decoded. */
  decodeLimit?: { profile: string; width: number; height: number } | null;
}

interface StreamFacts {
  codec: string;
  width: number;
  height: number;
  fps: number;
  decoder: string;
  scaler?: string;
}

/** Lanes that these cameras' frames go to, shadows' too. */
export function lanesOf(cameras: Iterable<LiveCamera>): Set<Lane> {
  return new Set([...cameras].flatMap(({ lane, shadow }) => [lane, ...(shadow ? [shadow.lane] : [])]));
}

/** One camera's state on its way through the pipeline. */
export class LiveCamera {
  readonly config: LiveCameraConfig;
  lane: Lane;
  shadow: Shadow | null = null;
  source: SourceHandle | null = null;
  tracker: Tracker;
  readonly window = new StageWindow();
  /** Publishing keeps the order of frames, though a thumbnail may have to be waited for. */
  publishing: Promise<void> = Promise.resolve();
  closed = false;
  /** Detections a second that it gets; 0: the host is full, and its source is closed. */
  rate: number;
  /** Opens its source, at `rate`. */
  open: () => void = () => {};
  private closing: Promise<void> = Promise.resolve();
  private readonly shownTracks = new Set<number>();
  private state: CameraStatus["state"] = "connecting";
  private reason: ErrorInfo | null = null;
  private since: number;
  private stream: StreamFacts | null = null;
  private streamFps = 0;
  private readonly counters: FrameCounters = {
    received: 0,
    decoded: 0,
    scaled: 0,
    inferred: 0,
    dropped: 0,
    still: 0,
    detections: 0,
    reconnects: 0,
  };

  constructor(config: LiveCameraConfig, lane: Lane, now: number) {
    this.config = config;
    this.lane = lane;
    this.since = now;
    this.rate = config.detectFps;
    this.tracker = new Tracker();
  }

  setState(state: "connecting" | "online" | "offline", reason: ErrorInfo | null, stream: StreamFacts | null, now: number): void {
    if (state !== this.state) this.since = now;
    this.state = state;
    this.reason = reason;
    if (stream) this.stream = stream;
  }

  /** Whether it takes of the host, or would if it were let in: not while it cannot be reached. */
  get sends(): boolean {
    return this.state === "online" || this.rate === 0;
  }

  /** @param delayMs until its first frame under this rate is due; null: it keeps its phase */
  setRate(rate: number, delayMs: number | null = null): void {
    const before = this.rate;
    this.rate = rate;
    if (rate > 0 && before > 0) this.source?.update({ detectFps: rate, delayMs });
    else if (rate > 0) this.reopen();
    else if (before > 0) this.leaveOut();
  }

  private reopen(): void {
    const { closing } = this;
    void closing.then(() => {
      if (!this.closed && this.rate > 0 && this.source === null) this.open();
    });
  }

  private leaveOut(): void {
    const { source } = this;
    this.source = null;
    this.state = "offline";
    this.since = Date.now();
    this.reason = {
      code: "HOST_FULL",
      message: "This host cannot give every camera even a detection every five seconds",
      hint: "Add a worker, lower the detection rates, or raise this camera's priority.",
    };
    this.closing = source?.close() ?? Promise.resolve();
  }

  setSourceCounters(counters: {
    received: number;
    decoded: number;
    scaled: number;
    still: number;
    reconnects: number;
    streamFps: number;
  }): void {
    const { streamFps, ...counts } = counters;
    Object.assign(this.counters, counts);
    this.streamFps = streamFps;
  }

  countDropped(): void {
    this.counters.dropped++;
  }

  countInferred(now: number, detections: number, stages: StageTimes, totalMs: number): void {
    this.counters.inferred++;
    this.counters.detections += detections;
    this.window.add(now, stages, totalMs);
    this.config.stages?.add(stages, totalMs);
  }

  /** Indexes of detections whose track is seen for the first time since it was confirmed. */
  takeNewTracks(detections: readonly Detection[]): number[] {
    const fresh: number[] = [];
    for (const [index, { trackId }] of detections.entries()) {
      if (trackId === null || this.shownTracks.has(trackId)) continue;
      this.shownTracks.add(trackId);
      fresh.push(index);
    }
    // Ids only rise: the oldest are never asked for again.
    if (this.shownTracks.size > 2000) for (const id of [...this.shownTracks].slice(0, 1000)) this.shownTracks.delete(id);
    return fresh;
  }

  /** A decoder decodes every pixel that it is sent: only another stream is smaller. */
  private tooLarge(): ErrorInfo | null {
    const { stream } = this;
    const limit = this.config.decodeLimit;
    if (!stream || !limit || stream.width * stream.height <= limit.width * limit.height) return null;
    return {
      code: "UNSUPPORTED",
      message: `${limit.profile} is for pictures of at most ${limit.width}×${limit.height}; this camera's are decoded at ${stream.width}×${stream.height}`,
      hint: "Give the camera a sub-stream of that size, or promote a profile without this limit.",
    };
  }

  status(now: number, workerId: string): CameraStatus {
    return {
      cameraId: this.config.id,
      state: this.state,
      reason: this.reason,
      since: this.since,
      workerId,
      stream: this.stream,
      streamFps: this.state === "online" ? this.streamFps : 0,
      detectFps: this.window.rate(now, 5000),
      granted: this.rate,
      counters: { ...this.counters },
      latency: this.window.percentiles(now),
      model: this.lane.model.id,
      modelAlarm: this.config.modelAlarm ?? this.tooLarge(),
    };
  }
}
