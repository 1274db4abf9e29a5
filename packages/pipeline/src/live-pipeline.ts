import type { SessionPool } from "@octet/inference/session-pool";
import type { MediaHost } from "@octet/media/media-host";
import type { SampledFrame, SourceListener } from "@octet/media/source-types";
import type { CameraStatus } from "@octet/shared/domain/camera";
import type { InferredFrame, StageTimes } from "@octet/shared/domain/detection";
import type { ShadowExample, ShadowReport } from "@octet/shared/domain/shadow";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import { postprocess } from "@octet/vision/models/detect";
import { Lane, type LiveModel, sameInput } from "./lane.ts";
import { LiveCamera, type LiveCameraConfig } from "./live-camera.ts";
import { batchSize, type Waiting } from "./scheduler.ts";
import { Shadow } from "./shadow.ts";
import { StageHistograms } from "./stage-clock.ts";

type Found = ReturnType<typeof postprocess>;
type PoolResult = Awaited<ReturnType<SessionPool["run"]>>;

export interface Thumbnail {
  index: number;
  jpeg: Uint8Array;
}

export interface LivePipelineOptions {
  workerId: string;
  /** The worker's own: cameras that ask for no other run on it. */
  model: LiveModel;
  media: MediaHost;
  /** Every inferred frame, at once: for those who watch. */
  onFrame(frame: InferredFrame, preview: Uint8Array | null): void;
  /** Frames with detections, in order a camera, with thumbnails of tracks seen for the first time: for the record. */
  onDetections(frame: InferredFrame, thumbnails: Thumbnail[], under: { modelId: string; epoch: number }): void;
  onVideo(chunk: VideoChunk): void;
  /** Some of the frames on which a shadow and the active model differ. */
  onShadowExample(example: ShadowExample): void;
  onError(error: unknown, cameraId: string): void;
  /** Unix ms; for tests. */
  now?: () => number;
}

const THUMBNAIL_SIZE = 160;
const PREVIEW_WIDTH = 640;
const EXAMPLE_SIZE = 640;
const WHOLE_FRAME = { x: 0, y: 0, w: 1, h: 1 };

/** Sources → latest-frame slots → scheduler → sessions → post-processing and tracks → whoever listens. */
export class LivePipeline {
  private readonly options: LivePipelineOptions;
  private readonly cameras = new Map<string, LiveCamera>();
  private readonly lanes = new Map<string, Lane>();
  private readonly histograms = new StageHistograms();
  private readonly totals = { framesDecoded: 0, framesInferred: 0, framesDropped: 0, detections: 0 };
  private readonly now: () => number;
  private previews = new Set<string>();
  private videos = new Set<string>();
  private closing = false;

  constructor(options: LivePipelineOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  /**
   * Runs exactly these cameras. One whose config did not change goes on undisturbed; a changed rate or threshold needs no
   * reconnect, nor does a model that takes the same input: the next frame goes to its sessions.
   */
  async setCameras(configs: readonly LiveCameraConfig[]): Promise<void> {
    const wanted = new Map(configs.map((config) => [config.id, config]));
    const ending: Promise<void>[] = [];
    for (const [id, camera] of this.cameras) {
      const config = wanted.get(id);
      if (
        config &&
        config.url === camera.config.url &&
        config.transport === camera.config.transport &&
        this.takesFramesOf(config, camera)
      ) {
        if (config.detectFps !== camera.config.detectFps) camera.source?.update({ detectFps: config.detectFps });
        // A key that is absent now must not keep its old value.
        Object.assign(camera.config, { model: null, shadow: null, modelAlarm: null, decodeLimit: null }, config);
        this.setModels(camera);
      } else ending.push(this.closeCamera(camera));
    }
    for (const config of configs) if (!this.cameras.has(config.id)) this.openCamera(config);
    await Promise.all(ending);
    const used = new Set([...this.cameras.values()].flatMap(({ lane, shadow }) => [lane, ...(shadow ? [shadow.lane] : [])]));
    for (const [id, lane] of this.lanes) if (!used.has(lane) && lane.idle) this.lanes.delete(id);
  }

  /** What shadows have seen. */
  shadowReports(): ShadowReport[] {
    return [...this.cameras.values()].flatMap(({ config, lane, shadow }) =>
      shadow
        ? [
            {
              runId: shadow.runId,
              promotionId: shadow.promotionId,
              cameraId: config.id,
              activeModel: lane.model.id,
              shadowModel: shadow.lane.model.id,
              ...shadow.counts(),
            },
          ]
        : [],
    );
  }

  /** Models that cameras run on now, also in the shadow, and those with runs under way. */
  modelsInUse(): Set<string> {
    const lanes = [...this.cameras.values()].flatMap(({ lane, shadow }) => [lane, ...(shadow ? [shadow.lane] : [])]);
    return new Set([...lanes, ...[...this.lanes.values()].filter(({ idle }) => !idle)].map(({ model }) => model.id));
  }

  private laneOf(model: LiveModel): Lane {
    const lane = this.lanes.get(model.id) ?? new Lane(model);
    this.lanes.set(model.id, lane);
    return lane;
  }

  private takesFramesOf(config: LiveCameraConfig, camera: LiveCamera): boolean {
    return sameInput((config.model ?? this.options.model).detector, camera.lane.model.detector);
  }

  /** Puts a camera on the models of its config. */
  private setModels(camera: LiveCamera): void {
    const lane = this.laneOf(camera.config.model ?? this.options.model);
    if (lane !== camera.lane) {
      const waiting = camera.lane.scheduler.remove(camera.config.id);
      camera.lane = lane;
      if (waiting) this.drop(camera, waiting);
    }
    const { shadow } = camera.config;
    if (!shadow || shadow.model.id === lane.model.id) camera.shadow = null;
    else if (
      camera.shadow?.lane.model.id !== shadow.model.id ||
      camera.shadow.share !== shadow.share ||
      camera.shadow.promotionId !== shadow.promotionId
    )
      camera.shadow = new Shadow(this.laneOf(shadow.model), shadow);
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
    return [...this.lanes.values()].reduce((sum, { scheduler }) => sum + scheduler.size, 0);
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
    const camera = new LiveCamera({ ...config }, this.laneOf(config.model ?? this.options.model), this.now());
    this.cameras.set(config.id, camera);
    this.setModels(camera);
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
    const { input } = camera.lane.model.detector;
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
    camera.lane.scheduler.remove(camera.config.id);
    await camera.source?.close();
  }

  private onSampled(camera: LiveCamera, frame: SampledFrame): void {
    if (camera.closed || this.closing) return;
    const stale = camera.lane.scheduler.offer(camera.config.id, frame, performance.now());
    if (stale) this.drop(camera, stale);
    this.dispatch(camera.lane);
  }

  private drop(camera: LiveCamera, frame: SampledFrame): void {
    camera.countDropped();
    this.totals.framesDropped++;
    camera.source?.release(frame.seq);
    camera.source?.recycle(frame.data);
  }

  private dispatch(lane: Lane): void {
    const { model, scheduler } = lane;
    while (scheduler.size > 0 && lane.runsUnderWay < model.pool.capacity) {
      const batch = scheduler.take(batchSize(scheduler.size, Math.max(1, model.pool.size - lane.runsUnderWay), model.maxBatch));
      if (batch.length === 0) return;
      void this.infer(lane, batch);
    }
  }

  private async run(lane: Lane, frames: Uint8Array[]): Promise<PoolResult> {
    lane.runsUnderWay++;
    try {
      return await lane.model.pool.run(frames);
    } finally {
      // The session gets its next frame before this one's boxes are read: it must not wait for us.
      lane.runsUnderWay--;
      this.dispatch(lane);
    }
  }

  private async infer(lane: Lane, batch: Waiting<SampledFrame>[]): Promise<void> {
    const dispatchedAt = performance.now();
    let result: PoolResult;
    try {
      result = await this.run(
        lane,
        batch.map(({ frame }) => frame.data),
      );
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
      if (!camera || camera.closed) {
        if (bytes) camera?.source?.recycle(bytes);
        continue;
      }
      const shadow = bytes && camera.shadow?.take() ? camera.shadow : null;
      try {
        const found = this.finish(camera, lane, waiting, index, dispatchedAt, result, { hold: shadow !== null });
        if (bytes && shadow) void this.compare(camera, shadow, { ...waiting.frame, data: bytes }, found, result.inferMs);
        else if (bytes) camera.source?.recycle(bytes);
      } catch (error) {
        if (bytes) camera.source?.recycle(bytes);
        camera.source?.release(waiting.frame.seq);
        this.options.onError(error, waiting.cameraId);
      }
    }
  }

  /** Has the shadow look at a frame that the active model is done with. */
  private async compare(camera: LiveCamera, shadow: Shadow, frame: SampledFrame, active: Found, activeMs: number): Promise<void> {
    try {
      const { outputs, returned, inferMs } = await this.run(shadow.lane, [frame.data]);
      if (returned[0]) camera.source?.recycle(returned[0]);
      const found = postprocess(shadow.lane.model.detector, outputs, 0, frame.plan, { confidence: camera.config.confidence });
      const differing = shadow.compare(active, found, { activeMs, shadowMs: inferMs });
      if (shadow.takeExample(differing, performance.now())) await this.showExample(camera, shadow, frame, { active, found, differing });
    } catch (error) {
      if (!this.closing) this.options.onError(error, camera.config.id);
    } finally {
      camera.source?.release(frame.seq);
    }
  }

  private async showExample(
    camera: LiveCamera,
    { promotionId }: Shadow,
    { seq, capturedAt }: SampledFrame,
    { active, found, differing }: { active: Found; found: Found; differing: number },
  ): Promise<void> {
    const jpeg = await camera.source?.crop(seq, WHOLE_FRAME, EXAMPLE_SIZE);
    if (!jpeg) return;
    const boxes = (all: Found) => all.map(({ box: { x, y, w, h }, score }) => ({ x, y, w, h, score }));
    this.options.onShadowExample({
      promotionId,
      cameraId: camera.config.id,
      capturedAt,
      differing,
      active: boxes(active),
      shadow: boxes(found),
      jpeg,
    });
  }

  private finish(
    camera: LiveCamera,
    lane: Lane,
    { frame, offeredAt }: Waiting<SampledFrame>,
    index: number,
    dispatchedAt: number,
    result: PoolResult,
    { hold }: { hold: boolean },
  ): Found {
    const started = performance.now();
    const found = postprocess(lane.model.detector, result.outputs, index, frame.plan, { confidence: camera.config.confidence });
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
    if (detections.length > 0) this.record(camera, inferred, lane.model.id, hold);
    else if (!hold) camera.source?.release(frame.seq);
    return found;
  }

  /** @param hold whoever holds the frame releases it */
  private record(camera: LiveCamera, frame: InferredFrame, modelId: string, hold: boolean): void {
    const under = { modelId, epoch: camera.config.epoch };
    const fresh = camera.takeNewTracks(frame.detections);
    const crops = fresh.map(async (index): Promise<Thumbnail | null> => {
      const box = frame.detections[index]?.box;
      const jpeg = box && camera.source ? await camera.source.crop(frame.seq, box, THUMBNAIL_SIZE).catch(() => null) : null;
      return jpeg ? { index, jpeg } : null;
    });
    camera.publishing = camera.publishing
      .then(async () => {
        const thumbnails = (await Promise.all(crops)).filter((thumbnail) => thumbnail !== null);
        if (!hold) camera.source?.release(frame.seq);
        this.options.onDetections(frame, thumbnails, under);
      })
      .catch((error: unknown) => this.options.onError(error, camera.config.id));
  }
}
