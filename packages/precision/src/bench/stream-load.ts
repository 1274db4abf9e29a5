import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Provider } from "@octet/inference/session-messages";
import { SessionPool } from "@octet/inference/session-pool";
import { warmUpSizes } from "@octet/inference/warm-up";
import { MediaHost } from "@octet/media/media-host";
import { chooseForm } from "@octet/onnx/io/bytes-form";
import { LivePipeline } from "@octet/pipeline/live-pipeline";
import { type Percentiles, type StageLatency, stageNames } from "@octet/shared/domain/camera";
import type { StageTimes } from "@octet/shared/domain/detection";
import type { BenchmarkResult } from "@octet/shared/domain/profile";
import { AppError } from "@octet/shared/errors";
import { percentile } from "@octet/shared/percentile";
import type { DetectorSpec } from "@octet/vision/models/family";

import { evenly, slope } from "./statistics.ts";

export type StreamStep = NonNullable<BenchmarkResult["streams"]>["steps"][number];
export type StreamSoak = NonNullable<NonNullable<BenchmarkResult["streams"]>["soak"]>;

export interface StreamLoadOptions {
  /** Path. */
  model: string;
  detector: DetectorSpec;
  inferThreads: number;
  mediaThreads: number;
  /** See `MediaHostOptions`. */
  decodeInPool: boolean;
  provider: Provider;
  /** Images a run at most; fewer where the model takes no more, and its batch cannot be freed. */
  maxBatch: number;
  /** Frames of each stream that are inferred, a second. */
  fps: number;
  /** A `file:` URL to decode, of a clip below `mediaRoot`; null: frames are drawn, which costs little. */
  clip: string | null;
  mediaRoot: string;
  budgetMs: number;
  /** Of measuring one step, after it has run in. */
  seconds: number;
}

/** Of one frame, ms. */
interface FrameTimes {
  total: number;
  stages: StageTimes;
}

const RUN_IN_MS = 1000;
const ONLINE_MS = 20_000;
/** A clip may begin between two of its frames; more missing than this are frames that were not inferred in time. */
const SPARE_FRAMES = 1;
const CONFIDENCE = 0.5;
const SAMPLE_MS = 1000;
const MOST_SAMPLES = 240;

/** Simulated cameras through the real live path: media threads, slots, scheduler, sessions, post-processing, tracks. */
export class StreamLoad implements AsyncDisposable {
  private readonly options: StreamLoadOptions;
  private readonly pool: SessionPool;
  private readonly media: MediaHost;
  /** Of this load's own files. */
  private readonly folder: string;
  private readonly pipeline: LivePipeline;
  private readonly ids: string[] = [];
  /** Of frames since a measurement began; null while none is under way. */
  private frames: FrameTimes[] | null = null;
  private failure: unknown = null;

  private constructor(options: StreamLoadOptions, { pool, maxBatch }: OpenPool, media: MediaHost, folder: string) {
    this.options = options;
    this.pool = pool;
    this.media = media;
    this.folder = folder;
    this.pipeline = new LivePipeline({
      workerId: "benchmark",
      model: { id: "benchmark", detector: options.detector, pool, maxBatch },
      media,
      onFrame: ({ capturedAt, stages }) => this.frames?.push({ total: Math.max(0, Date.now() - capturedAt), stages }),
      onDetections: () => {},
      onVideo: () => {},
      onShadowExample: () => {},
      onError: (error) => {
        this.failure ??= error;
      },
    });
  }

  /** @throws AppError MODEL_INVALID, PROVIDER_UNAVAILABLE, INTERNAL */
  static async create(options: StreamLoadOptions): Promise<StreamLoad> {
    const folder = await mkdtemp(path.join(tmpdir(), "octet-streams-"));
    const { mediaThreads: threads, decodeInPool, mediaRoot, provider } = options;
    let media: MediaHost | null = null;
    let opened: OpenPool | null = null;
    try {
      // Decoders before sessions, as in a worker: on a GPU both share a context.
      media = await MediaHost.create({ threads, decodeInPool, mediaRoot, gpus: provider === "cuda" || provider === "tensorrt" ? [0] : [] });
      opened = await openPool(options, folder);
      const { pool } = opened;
      // The first runs of a session are slow: they would be the first step's latency.
      const { width, height } = options.detector.input;
      const blanks = Array.from({ length: 3 * pool.capacity }, () => new Uint8Array(3 * width * height));
      await Promise.all(blanks.map((blank) => pool.run([blank])));
      return new StreamLoad(options, opened, media, folder);
    } catch (error) {
      await opened?.pool.close();
      await media?.close();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /**
   * Runs so many streams for a while.
   * @throws AppError INFERENCE_FAILED, or why a source could not be opened
   */
  async step(streams: number): Promise<StreamStep> {
    await this.setStreams(streams);
    await sleep(RUN_IN_MS);
    return this.measure(streams, this.options.seconds);
  }

  /**
   * Runs so many streams for long, to see whether memory grows.
   * @throws as `step`
   */
  async soak(streams: number, seconds: number, onSecond: (second: number) => void): Promise<StreamSoak> {
    await this.setStreams(streams);
    await sleep(RUN_IN_MS);
    const startedAt = performance.now();
    const samples = [{ seconds: 0, rssBytes: process.memoryUsage.rss() }];
    const timer = setInterval(() => {
      const at = (performance.now() - startedAt) / 1000;
      samples.push({ seconds: at, rssBytes: process.memoryUsage.rss() });
      onSecond(Math.min(seconds, Math.floor(at)));
    }, SAMPLE_MS);
    try {
      const { p99, droppedPercent } = await this.measure(streams, seconds);
      samples.push({ seconds, rssBytes: process.memoryUsage.rss() });
      return {
        streams,
        seconds,
        rssBytes: evenly(samples, MOST_SAMPLES).map(({ rssBytes }) => rssBytes),
        growthBytesPerMinute: 60 * slope(samples.slice(Math.floor(samples.length / 2)).map(({ seconds: x, rssBytes: y }) => ({ x, y }))),
        p99,
        droppedPercent,
      };
    } finally {
      clearInterval(timer);
    }
  }

  private async measure(streams: number, seconds: number): Promise<StreamStep> {
    const { fps, budgetMs } = this.options;
    this.frames = [];
    const before = this.pipeline.totalsSnapshot().framesDropped;
    const startedAt = performance.now();
    await sleep(seconds * 1000);
    const elapsed = (performance.now() - startedAt) / 1000;
    const { frames } = this;
    this.frames = null;
    if (this.failure) throw AppError.from(this.failure);
    const dropped = this.pipeline.totalsSnapshot().framesDropped - before;
    const due = streams * Math.max(0, Math.floor(elapsed * fps) - SPARE_FRAMES);
    // Frames that a busy thread never even offered count like those that were offered and replaced.
    const missing = Math.max(dropped, due - frames.length, 0);
    const total = percentilesOf(frames.map((frame) => frame.total));
    return {
      streams,
      ...total,
      droppedPercent: missing === 0 ? 0 : Math.min(100, (missing / Math.max(1, missing + frames.length)) * 100),
      held: missing === 0 && frames.length > 0 && total.p99 <= budgetMs,
      stages: frames.length > 0 ? { ...latencyByStage(frames), total } : {},
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pipeline.close();
    await this.media.close();
    await this.pool.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async setStreams(streams: number): Promise<void> {
    const { fps, clip, detector } = this.options;
    while (this.ids.length < streams) this.ids.push(randomUUID());
    const size = `${even(detector.input.width)}x${even(detector.input.height)}`;
    const cameras = this.ids.slice(0, streams).map((id, index) => ({
      id,
      epoch: 1,
      url: clip ?? `synthetic:faces?size=${size}&fps=${Math.max(1, fps)}&seed=${index + 1}`,
      transport: "tcp" as const,
      detectFps: fps,
      confidence: CONFIDENCE,
    }));
    // Cameras do not take their pictures in one instant: each new one begins somewhere else in the period between two frames.
    const added = streams - this.pipeline.running;
    const pauseMs = added > 0 ? Math.min(1000, 1000 / fps) / added : 0;
    for (let running = Math.min(streams, this.pipeline.running + 1); running <= streams; running++) {
      await this.pipeline.setCameras(cameras.slice(0, running));
      if (running < streams) await sleep(pauseMs);
    }
    const until = performance.now() + ONLINE_MS;
    for (;;) {
      const waiting = this.pipeline.statuses().filter(({ state }) => state !== "online");
      if (waiting.length === 0) return;
      const reason = waiting.find(({ reason: why }) => why)?.reason;
      if (reason) throw AppError.fromInfo(reason);
      // So many that they do not even start in time: the step then shows what is missing.
      if (performance.now() > until) return;
      await sleep(50);
    }
  }
}

const percentilesOf = (values: readonly number[]): Percentiles => {
  const sorted = Float64Array.from(values).sort();
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), p99: percentile(sorted, 0.99) };
};

const latencyByStage = (frames: readonly FrameTimes[]): StageLatency =>
  Object.fromEntries(stageNames.map((name) => [name, percentilesOf(frames.map(({ stages }) => stages[name]))]));

const even = (value: number): number => Math.max(64, value - (value % 2));
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface OpenPool {
  pool: SessionPool;
  /** Images a run at most. */
  maxBatch: number;
}

/** As a worker makes them: what is measured is what will run. */
async function openPool({ model, detector, inferThreads, provider, maxBatch: most }: StreamLoadOptions, folder: string): Promise<OpenPool> {
  const form = await chooseForm(provider, model, path.join(folder, "bytes.onnx"), detector.input);
  const maxBatch = form.anyBatch ? most : Math.min(detector.input.maxBatch ?? Number.POSITIVE_INFINITY, most);
  const pool = await SessionPool.create({
    modelPath: form.modelPath,
    input: form.input,
    ...(form.precision ? { precision: form.precision } : {}),
    threads: inferThreads,
    provider,
    prefetch: 1,
    // Kernels are chosen, and engines built, for each size of a batch.
    warmUp: provider === "cpu" ? [] : warmUpSizes(maxBatch),
  });
  return { pool, maxBatch };
}
