import type { LivePipeline } from "@octet/pipeline/live-pipeline";
import type { CameraStatus } from "@octet/shared/domain/camera";
import type { GpuLoad, WorkerLoad } from "@octet/shared/domain/worker";
import type { CapacityMeter } from "../cameras/capacity.ts";
import type { SpoolStats } from "../link/spool.ts";

/** Turns counters into rates, once a second. */
export class LoadMeter {
  private readonly pipeline: LivePipeline;
  private readonly spoolStats: () => SpoolStats;
  private readonly takeInferBusy: () => number;
  private readonly capacity: CapacityMeter;
  private readonly gpus: () => GpuLoad[];
  private last: { at: number; cpu: number; decoded: number; inferred: number };

  constructor(options: {
    pipeline: LivePipeline;
    spoolStats: () => SpoolStats;
    takeInferBusy: () => number;
    capacity: CapacityMeter;
    gpus?: () => GpuLoad[];
  }) {
    this.pipeline = options.pipeline;
    this.spoolStats = options.spoolStats;
    this.takeInferBusy = options.takeInferBusy;
    this.capacity = options.capacity;
    this.gpus = options.gpus ?? (() => []);
    this.last = this.reading();
  }

  /** Load since the last call. @param cameras as they are now */
  read(cameras: readonly CameraStatus[]): WorkerLoad {
    const now = this.reading();
    const seconds = Math.max(0.001, (now.at - this.last.at) / 1000);
    const inferredPerSecond = (now.inferred - this.last.inferred) / seconds;
    const inferBusy = this.takeInferBusy();
    const decodedPerSecond = (now.decoded - this.last.decoded) / seconds;
    const gpus = this.gpus();
    const decoders = gpus.flatMap(({ decoderPercent }) => decoderPercent ?? []);
    const decoderBusy = decoders.length > 0 ? decoders.reduce((sum, percent) => sum + percent, 0) / decoders.length / 100 : null;
    const load: WorkerLoad = {
      cpuPercent: ((now.cpu - this.last.cpu) / seconds) * 100,
      rssBytes: process.memoryUsage.rss(),
      cameras: this.pipeline.running,
      decodedPerSecond,
      inferredPerSecond,
      queued: this.pipeline.queued,
      inferBusy,
      capacity: this.capacity.read({ inferredPerSecond, inferBusy, decodedPerSecond, decoderBusy, cameras }),
      spool: this.spoolStats(),
      ...(gpus.length > 0 ? { gpus } : {}),
    };
    this.last = now;
    return load;
  }

  private reading(): { at: number; cpu: number; decoded: number; inferred: number } {
    const { user, system } = process.cpuUsage();
    const { framesDecoded, framesInferred } = this.pipeline.totalsSnapshot();
    return { at: performance.now(), cpu: (user + system) / 1e6, decoded: framesDecoded, inferred: framesInferred };
  }
}
