import { randomBytes, randomUUID } from "node:crypto";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { probeHost } from "@octet/inference/device-probe";
import { chooseGpus } from "@octet/inference/gpus";
import { loadModelFile } from "@octet/inference/model-file";
import type { SessionPool } from "@octet/inference/session-pool";
import { probeDecoders } from "@octet/media/hardware";
import { MediaHost } from "@octet/media/media-host";
import { probeStream } from "@octet/media/probe-stream";
import { readModelFile } from "@octet/onnx/io/model-file";
import { modelPrecision } from "@octet/onnx/stats/model-precision";
import type { LiveModel } from "@octet/pipeline/lane";
import { LivePipeline } from "@octet/pipeline/live-pipeline";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import { type JobPayload, jobKinds } from "@octet/shared/domain/job";
import type { HostReport, WorkerLoad } from "@octet/shared/domain/worker";
import { AppError } from "@octet/shared/errors";
import { describeModel } from "@octet/vision/models/describe-model";
import { recogniseDetector } from "@octet/vision/models/recognise";
import type { Logger } from "pino";
import { CapacityMeter } from "./cameras/capacity.ts";
import { workerLabels } from "./cameras/labels.ts";
import { type Env, latencyBudgetMs } from "./env.ts";
import { ArtifactClient, CACHE_BYTES } from "./jobs/artifacts.ts";
import { startInChild } from "./jobs/child-run.ts";
import { FrameTap } from "./jobs/frame-tap.ts";
import { startCollecting } from "./jobs/handlers/collect.ts";
import type { JobSettings } from "./jobs/job-messages.ts";
import { JobRunner } from "./jobs/job-runner.ts";
import { GatewayLink } from "./link/gateway-link.ts";
import { Spool } from "./link/spool.ts";
import { uuidv7 } from "./link/uuid.ts";
import { CameraModels } from "./models/camera-models.ts";
import { ModelHost } from "./models/model-host.ts";
import { ModelPools } from "./models/model-pools.ts";
import { LoadMeter } from "./telemetry/load-meter.ts";
import { StatusTurns } from "./telemetry/status-turns.ts";
import { WorkerTelemetry } from "./telemetry/worker-telemetry.ts";
import { stableWorkerId } from "./worker-id.ts";

const TELEMETRY_MS = 1000;
const LEAVE_MS = 12_000;

interface WorkerParts {
  pipeline: LivePipeline;
  media: MediaHost;
  pool: SessionPool;
  models: ModelHost;
  cameraModels: CameraModels;
  link: GatewayLink;
  spool: Spool<DetectionRecord>;
  jobs: JobRunner;
  timer: NodeJS.Timeout;
  telemetry: WorkerTelemetry;
}

/** One worker process: its host's decoders and sessions, its cameras, its link. */
export class Worker {
  private readonly parts: WorkerParts;

  private constructor(parts: WorkerParts) {
    this.parts = parts;
  }

  /** Probes the host, loads the model, and joins the gateway (or goes on trying to). Throws where the model cannot be used. */
  static async start({ env, logger, version }: { env: Env; logger: Logger; version: string }): Promise<Worker> {
    const modelPath = env.OCTET_MODEL ?? defaultModelPath();
    const [file, host, decoders, ownId] = await Promise.all([
      loadModelFile(modelPath),
      probeHost(),
      probeDecoders(),
      stableWorkerId(env.OCTET_HOME),
    ]);
    const detector = recogniseDetector(file.signature);
    const workerId = env.OCTET_WORKER_ID ?? ownId;
    const report: HostReport = { ...host, decoders };
    const precision = modelPrecision(await readModelFile(modelPath));
    const model = describeModel(modelPath, { ...file, precision }, detector);
    const provider = report.providers.find((candidate) => candidate.name === env.OCTET_PROVIDER);
    if (provider && !provider.available)
      throw new AppError("PROVIDER_UNAVAILABLE", `The execution provider ${env.OCTET_PROVIDER} is not available here: ${provider.detail}`, {
        hint: "Choose another OCTET_PROVIDER, or see docs/gpu.md for what a GPU host needs; octet doctor shows what is there.",
      });

    const gpus = chooseGpus(report.gpus, env.OCTET_GPUS).map(({ index }) => index);
    // Decoders first: they and the sessions share a context of the GPU, whose flags are the decoders' to choose (hardware.ts).
    const mediaRoot = path.join(env.OCTET_HOME, "media");
    const media = await MediaHost.create({
      threads: env.OCTET_MEDIA_THREADS,
      mediaRoot,
      gpus,
      decodeInPool: env.OCTET_DECODE_IN_POOL,
      logger,
    });
    const pools = new ModelPools({
      provider: env.OCTET_PROVIDER,
      threads: env.OCTET_INFER_THREADS,
      gpus,
      home: env.OCTET_HOME,
      logger,
    });
    const maxBatch = env.OCTET_MAX_BATCH ?? (env.OCTET_PROVIDER === "cpu" ? 1 : 8);
    const made = await pools.create({ path: modelPath, sha256: file.sha256, detector, maxBatch });
    const { pool } = made;
    report.inference = made.report;
    report.latencyBudgetMs = latencyBudgetMs(env);
    const spool = new Spool<DetectionRecord>({
      folder: path.join(env.OCTET_HOME, "spool", workerId.replace(/[^\w.-]/g, "_")),
      maxBytes: env.OCTET_SPOOL_BYTES,
      onLost: (records, reason) => logger.error({ records }, reason),
    });

    const telemetry = await WorkerTelemetry.create(env, { workerId, version, logger });
    const turns = new StatusTurns();
    const watched = { frames: new Set<string>(), previews: new Set<string>() };
    const own: LiveModel = { id: model.id, detector, pool, maxBatch: made.maxBatch };
    const pipeline = new LivePipeline({
      workerId,
      model: own,
      latencyBudgetMs: latencyBudgetMs(env),
      media,
      onFrame: (frame, preview) => {
        tap.offer(frame);
        telemetry.inferred(frame);
        if (watched.frames.has(frame.cameraId) || watched.previews.has(frame.cameraId)) link.sendFrame({ ...frame, preview });
      },
      onDetections: (frame, thumbnails, under) => {
        const capturedAt = link.siteTime(frame.capturedAt);
        const frameId = uuidv7(capturedAt, randomBytes);
        link.publish({ ...frame, capturedAt, frameId, workerId, ...under, ...telemetry.published(frame, frameId), thumbnails });
      },
      onVideo: (chunk) => link.sendVideo(chunk),
      onShadowExample: (example) => link.sendShadowExample(example),
      onError: (error, cameraId) => logger.error({ error, cameraId }, "a frame was lost"),
    });
    const link = new GatewayLink({
      url: env.OCTET_URL,
      token: env.OCTET_WORKER_TOKEN,
      hello: {
        workerId,
        bootId: randomUUID(),
        name: env.OCTET_WORKER_NAME,
        version,
        host: report,
        model,
        labels: workerLabels(report, env),
        jobKinds,
      },
      jobs: () => jobs.runs(),
      spool,
      logger,
      onAssignment: async ({ cameras, prepare }) => {
        logger.info({ cameras: cameras.length }, "cameras assigned");
        telemetry.assign(cameras);
        await cameraModels.assign(cameras, prepare);
        return pipeline.running;
      },
      onWatch: ({ frames, previews, videos, statusEvery }) => {
        turns.everySeconds = statusEvery;
        watched.frames = new Set(frames);
        watched.previews = new Set(previews);
        pipeline.setWatched(previews, videos);
      },
      onStartJob: ({ jobId, attempt, kind, payload }) => jobs.start({ jobId, attempt }, kind, payload),
      onCancelJob: (run) => jobs.cancel(run),
      onAcknowledged: (records) => telemetry.acknowledged(records),
      onGreeted: () => {
        turns.forget();
        void jobs.deliver();
      },
      onProbe: (request) => probeStream({ ...request, mediaRoot }),
    });

    const artifacts = await ArtifactClient.create({
      url: env.OCTET_URL,
      token: env.OCTET_WORKER_TOKEN,
      folder: path.join(env.OCTET_HOME, "cache"),
      maxBytes: CACHE_BYTES,
      // A camera's alarm must not wait for long: it is tried again.
      giveUpMs: 20_000,
    });
    const models = new ModelHost({
      own,
      place: (ref, file) => artifacts.place(ref, file),
      folder: path.join(env.OCTET_HOME, "models"),
      pools,
      maxBatch,
      logger,
    });
    const cameraModels = new CameraModels({
      host: models,
      own,
      apply: async (cameras) => {
        await pipeline.setCameras(cameras.map((camera) => telemetry.metered(camera)));
        await models.keep(pipeline.modelsInUse());
      },
      logger,
    });
    const tap = new FrameTap((cameraId, seq) => pipeline.picture(cameraId, seq));
    const settings: JobSettings = {
      url: env.OCTET_URL,
      token: env.OCTET_WORKER_TOKEN,
      home: env.OCTET_HOME,
      tool: `octet ${version}`,
      provider: env.OCTET_PROVIDER,
      inferThreads: env.OCTET_INFER_THREADS,
      mediaThreads: env.OCTET_MEDIA_THREADS,
      decodeInPool: env.OCTET_DECODE_IN_POOL,
    };
    const jobs = new JobRunner({
      folder: path.join(env.OCTET_HOME, "jobs"),
      // Collecting needs the live path's frames; all else stays away from it.
      start: (kind, payload, folder, listener) =>
        kind === "collect"
          ? startCollecting(payload as JobPayload<"collect">, tap, settings, listener)
          : startInChild(kind, payload, folder, listener, settings),
      link,
      logger,
    });

    const meter = new LoadMeter({
      pipeline,
      spoolStats: () => spool.stats(),
      takeInferBusy: () => models.takeBusyShare(),
      capacity: new CapacityMeter({ cores: report.cpuCores, memoryBytes: report.memoryBytes, infersOnCpu: env.OCTET_PROVIDER === "cpu" }),
      gpus: () => telemetry.gpus(),
    });
    let load: WorkerLoad | null = null;
    const timer = setInterval(() => {
      const statuses = pipeline.statuses();
      load = meter.read(statuses);
      link.sendTelemetry({
        cameras: turns.next(statuses, new Set([...watched.frames, ...watched.previews])),
        load,
        totals: pipeline.totalsSnapshot(),
        stages: pipeline.stageSnapshot(),
        shadows: pipeline.shadowReports(),
      });
    }, TELEMETRY_MS);
    await telemetry.serve(
      () => ({
        statuses: pipeline.statuses(),
        stages: pipeline.stageSnapshot(),
        totals: pipeline.totalsSnapshot(),
        load,
        connected: link.connected,
        budgetMs: latencyBudgetMs(env),
      }),
      () => link.connected,
    );
    link.connect();
    logger.info({ model: model.name, family: model.family, provider: env.OCTET_PROVIDER, threads: pool.size }, "worker is ready");
    return new Worker({ pipeline, media, pool, models, cameraModels, link, spool, jobs, timer, telemetry });
  }

  /** Ends in the order of the data: sources, inference, link, spool. */
  async close(): Promise<void> {
    const { pipeline, media, pool, models, cameraModels, link, spool, jobs, timer, telemetry } = this.parts;
    // While its cameras still run here, others take them over; with nobody to take them, or no gateway, it goes at once.
    await link.leave(LEAVE_MS);
    clearInterval(timer);
    cameraModels.close();
    await jobs.close();
    await pipeline.close();
    await media.close();
    await models[Symbol.asyncDispose]();
    await pool.close();
    await link.close(2000);
    spool.close();
    await telemetry.close();
  }
}
