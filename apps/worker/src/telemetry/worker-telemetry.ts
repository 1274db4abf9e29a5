import type { LiveCameraConfig } from "@octet/pipeline/live-camera";
import type { DetectionRecord, InferredFrame } from "@octet/shared/domain/detection";
import type { GpuLoad } from "@octet/shared/domain/worker";
import type { Logger } from "pino";
import type { Env } from "../env.ts";
import { CameraMeters } from "./camera-meters.ts";
import { FrameTracer } from "./frame-tracer.ts";
import { GpuSampler } from "./gpu-sampler.ts";
import { MetricsServer } from "./metrics-server.ts";
import type { TraceExport } from "./trace-export.ts";
import { WorkerMetrics, type WorkerReading } from "./worker-metrics.ts";

const CLOSE_MS = 2000;

/** What a worker measures of itself beside what it reports to the gateway: metrics, GPUs, traces. */
export class WorkerTelemetry {
  private readonly env: Env;
  private readonly logger: Logger;
  private readonly meters = new CameraMeters();
  private readonly sampler: GpuSampler;
  private readonly traces: TraceExport | null;
  private readonly tracer: FrameTracer | null;
  private server: MetricsServer | null = null;

  private constructor(env: Env, logger: Logger, traces: TraceExport | null) {
    this.env = env;
    this.logger = logger;
    this.traces = traces;
    this.tracer = traces && new FrameTracer(traces.tracer, env.OCTET_TRACE_EVERY);
    this.sampler = GpuSampler.start({ logger });
  }

  static async create(
    env: Env,
    { workerId, version, logger }: { workerId: string; version: string; logger: Logger },
  ): Promise<WorkerTelemetry> {
    const { OCTET_TRACE_EVERY, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OCTET_WORKER_NAME: workerName } = env;
    // Loaded where it is wanted: most workers never need it.
    const traces =
      OCTET_TRACE_EVERY > 0 ? (await import("./trace-export.ts")).exportTraces({ endpoint, version, workerId, workerName }) : null;
    return new WorkerTelemetry(env, logger, traces);
  }

  /** The cameras that are to run from now on. */
  assign(cameras: readonly { id: string; name: string; detectFps: number }[]): void {
    this.meters.assign(cameras);
    this.tracer?.keep(new Set(cameras.map(({ id }) => id)));
  }

  /** Has a camera's stage times added up. */
  metered(camera: LiveCameraConfig): LiveCameraConfig {
    const stages = this.meters.get(camera.id)?.stages;
    return stages ? { ...camera, stages } : camera;
  }

  inferred(frame: InferredFrame): void {
    this.meters.get(frame.cameraId)?.jitter.add(frame.capturedAt, frame.ptsMs);
    this.tracer?.inferred(frame);
  }

  /** What goes with a record so that its trace can go on elsewhere. */
  published(frame: InferredFrame, frameId: string): Pick<DetectionRecord, "trace"> {
    const trace = this.tracer?.published(frame, frameId);
    return trace ? { trace } : {};
  }

  acknowledged(records: readonly DetectionRecord[]): void {
    for (const { frameId, trace } of records) if (trace) this.tracer?.acknowledged(frameId);
  }

  gpus(): GpuLoad[] {
    return this.sampler.gpus();
  }

  /** Serves metrics and probes, where a port was given. Without its port a worker detects all the same: that is said, and no reason to end. */
  async serve(read: () => WorkerReading, connected: () => boolean): Promise<void> {
    const { OCTET_METRICS_PORT: port, OCTET_METRICS_HOST: host } = this.env;
    if (port === 0) return;
    const metrics = new WorkerMetrics(this.meters, read);
    try {
      this.server = await MetricsServer.start({
        port,
        host,
        metrics: () => metrics.text(),
        notReady: () => (connected() ? null : "It has not joined the gateway"),
      });
      this.logger.info({ host, port }, "metrics are served");
    } catch (error) {
      this.logger.error({ host, port, error: (error as Error).message }, "metrics cannot be served");
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.sampler.close(), this.server?.close()]);
    // A collector that is away must not hold up the end.
    let late: NodeJS.Timeout | undefined;
    const given = new Promise<void>((resolve) => {
      late = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([this.traces?.close().catch(() => {}), given]);
    clearTimeout(late);
  }
}
