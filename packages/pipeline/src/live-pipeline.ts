import type { MediaHost } from "@octet/media/media-host";
import type { SampledFrame, SourceListener } from "@octet/media/source-types";
import type { CameraStatus } from "@octet/shared/domain/camera";
import type { InferredFrame, StageTimes } from "@octet/shared/domain/detection";
import type { ShadowExample, ShadowReport } from "@octet/shared/domain/shadow";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import { postprocess } from "@octet/vision/models/detect";
import { Dispatcher, type PoolResult, type WaitingFrame } from "./dispatcher.ts";
import { type Lane, type LiveModel, sameInput } from "./lane.ts";
import { LiveCamera, type LiveCameraConfig, lanesOf } from "./live-camera.ts";
import { RateControl } from "./rate-control.ts";
import { Shadow } from "./shadow.ts";
import { ShadowWatch } from "./shadow-watch.ts";
import { StageHistograms } from "./stage-clock.ts";

type Found = ReturnType<typeof postprocess>;

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
  /** Time from capture to detections that is asked for, ms, where a camera names none. Default 200. */
  latencyBudgetMs?: number;
  /** Unix ms; for tests. */
  now?: () => number;
}

const THUMBNAIL_SIZE = 160;
const PREVIEW_WIDTH = 640;
const LATENCY_BUDGET_MS = 200;

/** Sources → latest-frame slots → scheduler → sessions → post-processing and tracks → whoever listens. */
export class LivePipeline {
  private readonly options: LivePipelineOptions;
  private readonly cameras = new Map<string, LiveCamera>();
  private readonly dispatcher: Dispatcher;
  private readonly rates: RateControl;
  private readonly shadows: ShadowWatch;
  private readonly budgetMs: number;
  private readonly histograms = new StageHistograms();
  private readonly totals = { framesDecoded: 0, framesInferred: 0, framesDropped: 0, detections: 0 };
  private readonly now: () => number;
  private previews = new Set<string>();
  private videos = new Set<string>();
  private closing = false;

  constructor(options: LivePipelineOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.budgetMs = options.latencyBudgetMs ?? LATENCY_BUDGET_MS;
    this.dispatcher = new Dispatcher({
      onBatch: (lane, batch) => void this.infer(lane, batch),
      onDropped: (cameraId, frame) => {
        const camera = this.cameras.get(cameraId);
        if (camera) this.drop(camera, frame);
      },
    });
    this.shadows = new ShadowWatch({
      dispatcher: this.dispatcher,
      onExample: options.onShadowExample,
      onError: (error, cameraId) => {
        if (!this.closing) options.onError(error, cameraId);
      },
    });
    this.rates = new RateControl(this.budgetMs, () => [...this.cameras.values()]);
  }

  /**
   * Runs exactly these cameras. One whose config did not change goes on undisturbed; a changed rate, threshold or choice
   * of classes needs no reconnect, nor does a model that takes the same input: the next frame goes to its sessions.
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
        const still = (config.stillFps ?? null) !== (camera.config.stillFps ?? null);
        const asked = config.detectFps !== camera.config.detectFps;
        // A key that is absent now must not keep its old value.
        Object.assign(
          camera.config,
          {
            model: null,
            shadow: null,
            modelAlarm: null,
            decodeLimit: null,
            priority: 0,
            stillFps: null,
            latencyBudgetMs: null,
            classes: [],
          },
          config,
        );
        if (still) camera.source?.update({ stillFps: camera.config.stillFps ?? null });
        if (asked && camera.rate > 0) camera.setRate(config.detectFps);
        this.setModels(camera);
      } else ending.push(this.closeCamera(camera));
    }
    for (const config of configs) if (!this.cameras.has(config.id)) this.openCamera(config);
    await Promise.all(ending);
    this.dispatcher.forgetUnused(lanesOf(this.cameras.values()));
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
    return new Set([...lanesOf(this.cameras.values()), ...this.dispatcher.busyLanes()].map(({ model }) => model.id));
  }

  private takesFramesOf(config: LiveCameraConfig, camera: LiveCamera): boolean {
    return sameInput((config.model ?? this.options.model).detector, camera.lane.model.detector);
  }

  /** Puts a camera on the models of its config. */
  private setModels(camera: LiveCamera): void {
    const lane = this.dispatcher.laneOf(camera.config.model ?? this.options.model);
    if (lane !== camera.lane) {
      const waiting = this.dispatcher.remove(camera.config.id);
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
      camera.shadow = new Shadow(this.dispatcher.laneOf(shadow.model), shadow);
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
    return this.dispatcher.queued;
  }

  get running(): number {
    return this.cameras.size;
  }

  /** Closes every source, then lets the runs under way end. */
  async close(): Promise<void> {
    this.closing = true;
    this.rates.close();
    this.dispatcher.close();
    const cameras = [...this.cameras.values()];
    await Promise.all(cameras.map((camera) => this.closeCamera(camera)));
    await Promise.all(cameras.map((camera) => camera.publishing));
  }

  private openCamera(config: LiveCameraConfig): void {
    const camera = new LiveCamera({ ...config }, this.dispatcher.laneOf(config.model ?? this.options.model), this.now());
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
    camera.open = () => {
      decodedBefore = 0;
      const { input } = camera.lane.model.detector;
      camera.source = this.options.media.open(
        {
          id: config.id,
          url: config.url,
          transport: config.transport,
          detectFps: camera.rate,
          stillFps: camera.config.stillFps ?? null,
          target: { width: input.width, height: input.height, resize: input.resize, padValue: input.padValue, channels: input.channels },
        },
        listener,
      );
      if (this.previews.has(config.id)) camera.source.setPreview(PREVIEW_WIDTH);
      if (this.videos.has(config.id)) camera.source.setVideo(true);
    };
    camera.open();
  }

  private async closeCamera(camera: LiveCamera): Promise<void> {
    camera.closed = true;
    this.cameras.delete(camera.config.id);
    this.dispatcher.remove(camera.config.id);
    await camera.source?.close();
  }

  private onSampled(camera: LiveCamera, frame: SampledFrame): void {
    if (camera.closed || this.closing) return;
    const capturedAt = performance.now() - Math.max(0, this.now() - frame.capturedAt);
    this.rates.countOffered();
    this.dispatcher.offer({ cameraId: camera.config.id, group: camera.lane, frame, capturedAt, budgetMs: this.budgetOf(camera) });
  }

  private drop(camera: LiveCamera, frame: SampledFrame): void {
    this.rates.countLost();
    camera.countDropped();
    this.totals.framesDropped++;
    camera.source?.release(frame.seq);
    camera.source?.recycle(frame.data);
  }

  private async infer(lane: Lane, batch: WaitingFrame[]): Promise<void> {
    let result: PoolResult;
    try {
      result = await this.dispatcher.run(
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
        const found = this.finish(camera, lane, waiting, index, result, { hold: shadow !== null });
        if (bytes && shadow)
          void this.shadows.compare(camera, shadow, { ...waiting.frame, data: bytes }, { active: found, activeMs: result.inferMs });
        else if (bytes) camera.source?.recycle(bytes);
      } catch (error) {
        if (bytes) camera.source?.recycle(bytes);
        camera.source?.release(waiting.frame.seq);
        this.options.onError(error, waiting.cameraId);
      }
    }
    result.release();
  }

  private finish(
    camera: LiveCamera,
    lane: Lane,
    { frame }: WaitingFrame,
    index: number,
    result: PoolResult,
    { hold }: { hold: boolean },
  ): Found {
    const started = performance.now();
    const { confidence, classes } = camera.config;
    const found = postprocess(lane.model.detector, result.outputs, index, frame.plan, { confidence, labels: classes });
    const detections = camera.tracker.update(found, frame.ptsMs);
    const finished = performance.now();
    const stages: StageTimes = {
      network: frame.networkMs,
      decode: frame.decodeMs,
      // In whatever hands it was, and for a core.
      queue: Math.max(0, result.startedAt - frame.readyAt),
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
    // A model that is too slow in itself is no faster with fewer frames.
    const budgetMs = this.budgetOf(camera);
    this.rates.countDone({ waitMs: stages.queue, totalMs, budgetMs, intervalMs: 1000 / camera.rate });
    if (totalMs > budgetMs && (lane.service.timeFor(1) ?? 0) < budgetMs / 2) this.rates.countLost();
    this.histograms.add(stages, totalMs);
    this.totals.framesInferred++;
    this.totals.detections += detections.length;
    if (detections.length > 0) this.record(camera, inferred, lane.model.id, hold);
    else if (!hold) camera.source?.release(frame.seq);
    return found;
  }

  private budgetOf({ config }: LiveCamera): number {
    return config.latencyBudgetMs ?? this.budgetMs;
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
