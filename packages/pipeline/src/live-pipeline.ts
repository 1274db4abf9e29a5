import type { SessionPool } from "@octet/inference/session-pool";
import type { MediaHost } from "@octet/media/media-host";
import type { SampledFrame, SourceListener } from "@octet/media/source-types";
import type { CameraStatus } from "@octet/shared/domain/camera";
import type { InferredFrame, StageTimes } from "@octet/shared/domain/detection";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import { postprocess } from "@octet/vision/models/detect";
import type { DetectorSpec } from "@octet/vision/models/family";
import { LiveCamera, type LiveCameraConfig } from "./live-camera.ts";
import { batchSize, Scheduler, type Waiting } from "./scheduler.ts";
import { StageHistograms } from "./stage-clock.ts";

export interface Thumbnail {
  index: number;
  jpeg: Uint8Array;
}

export interface LivePipelineOptions {
  workerId: string;
  detector: DetectorSpec;
  pool: SessionPool;
  media: MediaHost;
  /** Frames in one run of the model at most; 1 on a CPU, where a batch gains nothing. */
  maxBatch: number;
  /** Every inferred frame, at once: for those who watch. */
  onFrame(frame: InferredFrame, preview: Uint8Array | null): void;
  /** Frames with detections, in order a camera, with thumbnails of tracks seen for the first time: for the record. */
  onDetections(frame: InferredFrame, thumbnails: Thumbnail[]): void;
  onVideo(chunk: VideoChunk): void;
  onError(error: unknown, cameraId: string): void;
  /** Unix ms; for tests. */
  now?: () => number;
}

const THUMBNAIL_SIZE = 160;
const PREVIEW_WIDTH = 640;

/** Sources → latest-frame slots → scheduler → sessions → post-processing and tracks → whoever listens. */
export class LivePipeline {
  private readonly options: LivePipelineOptions;
  private readonly cameras = new Map<string, LiveCamera>();
  private readonly scheduler = new Scheduler<SampledFrame>();
  private readonly histograms = new StageHistograms();
  private readonly totals = { framesDecoded: 0, framesInferred: 0, framesDropped: 0, detections: 0 };
  private readonly now: () => number;
  private previews = new Set<string>();
  private videos = new Set<string>();
  private runsUnderWay = 0;
  private closing = false;

  constructor(options: LivePipelineOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  /** Runs exactly these cameras. One whose config did not change goes on undisturbed; a changed rate or threshold needs no reconnect. */
  async setCameras(configs: readonly LiveCameraConfig[]): Promise<void> {
    const wanted = new Map(configs.map((config) => [config.id, config]));
    const ending: Promise<void>[] = [];
    for (const [id, camera] of this.cameras) {
      const config = wanted.get(id);
      if (config && config.url === camera.config.url && config.transport === camera.config.transport) {
        if (config.detectFps !== camera.config.detectFps) camera.source?.update({ detectFps: config.detectFps });
        Object.assign(camera.config, config);
      } else ending.push(this.closeCamera(camera));
    }
    for (const config of configs) if (!this.cameras.has(config.id)) this.openCamera(config);
    await Promise.all(ending);
  }

  /** Which cameras' frames someone looks at: only those are encoded. */
  setWatched(previews: readonly string[], videos: readonly string[]): void {
    const nextPreviews = new Set(previews);
    const nextVideos = new Set(videos);
    for (const [id, { source }] of this.cameras) {
      if (nextPreviews.has(id) !== this.previews.has(id)) source?.setPreview(nextPreviews.has(id) ? PREVIEW_WIDTH : null);
      if (nextVideos.has(id) !== this.videos.has(id)) source?.setVideo(nextVideos.has(id));
    }
    this.previews = nextPreviews;
    this.videos = nextVideos;
  }

  /**
   * The frame as a JPEG at the source's full resolution, near lossless. To be asked for in `onFrame`, where the frame is still
   * kept for certain; null where it is not.
   */
  picture(cameraId: string, seq: number): Promise<Uint8Array | null> {
    return this.cameras.get(cameraId)?.source?.picture(seq) ?? Promise.resolve(null);
  }

  statuses(): CameraStatus[] {
    const now = this.now();
    return [...this.cameras.values()].map((camera) => camera.status(now, this.options.workerId));
  }

  stageSnapshot(): ReturnType<StageHistograms["snapshot"]> {
    return this.histograms.snapshot();
  }

  /** Cumulative since the pipeline was made; cameras that left are still counted. */
  totalsSnapshot(): { framesDecoded: number; framesInferred: number; framesDropped: number; detections: number } {
    return { ...this.totals };
  }

  get queued(): number {
    return this.scheduler.size;
  }

  get running(): number {
    return this.cameras.size;
  }

  /** Closes every source, then lets the runs under way end. */
  async close(): Promise<void> {
    this.closing = true;
    const cameras = [...this.cameras.values()];
    await Promise.all(cameras.map((camera) => this.closeCamera(camera)));
    await Promise.all(cameras.map((camera) => camera.publishing));
  }

  private openCamera(config: LiveCameraConfig): void {
    const camera = new LiveCamera({ ...config }, this.now());
    this.cameras.set(config.id, camera);
    let decodedBefore = 0;
    const listener: SourceListener = {
      onFrame: (frame) => this.onSampled(camera, frame),
      onState: ({ state, error, stream }) => camera.setState(state === "ended" ? "offline" : state, error, stream, this.now()),
      onPackets: (chunk) => this.options.onVideo({ cameraId: config.id, ...chunk }),
      onCounters: (counters) => {
        this.totals.framesDecoded += Math.max(0, counters.decoded - decodedBefore);
        decodedBefore = counters.decoded;
        camera.setSourceCounters(counters);
      },
    };
    const { input } = this.options.detector;
    camera.source = this.options.media.open(
      {
        id: config.id,
        url: config.url,
        transport: config.transport,
        detectFps: config.detectFps,
        target: { width: input.width, height: input.height, resize: input.resize, padValue: input.padValue, channels: input.channels },
      },
      listener,
    );
    if (this.previews.has(config.id)) camera.source.setPreview(PREVIEW_WIDTH);
    if (this.videos.has(config.id)) camera.source.setVideo(true);
  }

  private async closeCamera(camera: LiveCamera): Promise<void> {
    camera.closed = true;
    this.cameras.delete(camera.config.id);
    this.scheduler.remove(camera.config.id);
    await camera.source?.close();
  }

  private onSampled(camera: LiveCamera, frame: SampledFrame): void {
    if (camera.closed || this.closing) return;
    const stale = this.scheduler.offer(camera.config.id, frame, performance.now());
    if (stale) this.drop(camera, stale);
    this.dispatch();
  }

  private drop(camera: LiveCamera, frame: SampledFrame): void {
    camera.countDropped();
    this.totals.framesDropped++;
    camera.source?.release(frame.seq);
    camera.source?.recycle(frame.data);
  }

  private dispatch(): void {
    const { pool, maxBatch } = this.options;
    while (this.scheduler.size > 0 && this.runsUnderWay < pool.capacity) {
      const batch = this.scheduler.take(batchSize(this.scheduler.size, Math.max(1, pool.size - this.runsUnderWay), maxBatch));
      if (batch.length === 0) return;
      this.runsUnderWay++;
      void this.infer(batch);
    }
  }

  private async infer(batch: Waiting<SampledFrame>[]): Promise<void> {
    const dispatchedAt = performance.now();
    let result: Awaited<ReturnType<SessionPool["run"]>>;
    try {
      try {
        result = await this.options.pool.run(batch.map(({ frame }) => frame.data));
      } finally {
        // The session gets its next frame before this one's boxes are read: it must not wait for us.
        this.runsUnderWay--;
        this.dispatch();
      }
    } catch (error) {
      for (const { cameraId, frame } of batch) {
        const camera = this.cameras.get(cameraId);
        if (camera) this.drop(camera, { ...frame, data: new Uint8Array(0) });
        if (!this.closing) this.options.onError(error, cameraId);
      }
      return;
    }
    for (const [index, waiting] of batch.entries()) {
      const camera = this.cameras.get(waiting.cameraId);
      const bytes = result.returned[index];
      if (bytes) camera?.source?.recycle(bytes);
      if (!camera || camera.closed) continue;
      try {
        this.finish(camera, waiting, index, dispatchedAt, result);
      } catch (error) {
        camera.source?.release(waiting.frame.seq);
        this.options.onError(error, waiting.cameraId);
      }
    }
  }

  private finish(
    camera: LiveCamera,
    { frame, offeredAt }: Waiting<SampledFrame>,
    index: number,
    dispatchedAt: number,
    result: Awaited<ReturnType<SessionPool["run"]>>,
  ): void {
    const started = performance.now();
    const found = postprocess(this.options.detector, result.outputs, index, frame.plan, { confidence: camera.config.confidence });
    const detections = camera.tracker.update(found, frame.ptsMs);
    const finished = performance.now();
    const stages: StageTimes = {
      decode: frame.decodeMs,
      queue: dispatchedAt - offeredAt + result.waitMs,
      preprocess: frame.scaleMs + result.preprocessMs,
      infer: result.inferMs,
      postprocess: finished - started,
      publish: 0,
    };
    const inferred: InferredFrame = {
      cameraId: camera.config.id,
      seq: frame.seq,
      ptsMs: frame.ptsMs,
      capturedAt: frame.capturedAt,
      width: frame.width,
      height: frame.height,
      detections,
      stages,
    };
    this.options.onFrame(inferred, frame.preview);
    stages.publish = performance.now() - finished;
    const totalMs = Math.max(0, this.now() - frame.capturedAt);
    camera.countInferred(this.now(), detections.length, stages, totalMs);
    this.histograms.add(stages, totalMs);
    this.totals.framesInferred++;
    this.totals.detections += detections.length;
    if (detections.length > 0) this.record(camera, inferred);
    else camera.source?.release(frame.seq);
  }

  private record(camera: LiveCamera, frame: InferredFrame): void {
    const fresh = camera.takeNewTracks(frame.detections);
    const crops = fresh.map(async (index): Promise<Thumbnail | null> => {
      const box = frame.detections[index]?.box;
      const jpeg = box && camera.source ? await camera.source.crop(frame.seq, box, THUMBNAIL_SIZE).catch(() => null) : null;
      return jpeg ? { index, jpeg } : null;
    });
    camera.publishing = camera.publishing
      .then(async () => {
        const thumbnails = (await Promise.all(crops)).filter((thumbnail) => thumbnail !== null);
        camera.source?.release(frame.seq);
        this.options.onDetections(frame, thumbnails);
      })
      .catch((error: unknown) => this.options.onError(error, camera.config.id));
  }
}
