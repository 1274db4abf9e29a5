import { type AlarmKind, alarmKinds } from "@octet/shared/domain/alarm";
import { type CameraState, cameraStates, stageNames } from "@octet/shared/domain/camera";
import type { GpuLoad } from "@octet/shared/domain/worker";
import { STAGE_BUCKETS } from "@octet/shared/protocol/worker-protocol";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Telemetry } from "./worker-registry.ts";

/** Of workers' GPUs, under other names than a worker's own: whoever scrapes both counts no GPU twice. */
const gpuGauges: { name: string; help: string; of: (gpu: GpuLoad) => number | null }[] = [
  { name: "octet_fleet_gpu_utilization_percent", help: "Share of the time in which a kernel ran", of: (gpu) => gpu.utilizationPercent },
  { name: "octet_fleet_gpu_decoder_percent", help: "NVDEC in use", of: (gpu) => gpu.decoderPercent },
  { name: "octet_fleet_gpu_memory_used_bytes", help: "GPU memory in use", of: (gpu) => gpu.memoryUsedBytes },
  { name: "octet_fleet_gpu_memory_total_bytes", help: "GPU memory", of: (gpu) => gpu.memoryTotalBytes },
  { name: "octet_fleet_gpu_power_watts", help: "Power drawn by a GPU", of: (gpu) => gpu.powerWatts },
  { name: "octet_fleet_gpu_temperature_celsius", help: "Temperature of a GPU", of: (gpu) => gpu.temperatureCelsius },
];

const stages = [...stageNames, "total", "between"] as const;

/**
 * Prometheus figures of this site. Workers report totals that grow while they live; here only their growth is added
 * up, so that a worker's restart never lowers a counter.
 */
export class GatewayMetrics {
  private readonly registry = new Registry();
  private readonly cameras = new Gauge({
    name: "octet_cameras",
    help: "Cameras by state",
    labelNames: ["state"],
    registers: [this.registry],
  });
  private readonly workers = new Gauge({ name: "octet_workers", help: "Workers connected", registers: [this.registry] });
  private readonly decoded = new Counter({
    name: "octet_frames_decoded_total",
    help: "Frames decoded by workers",
    registers: [this.registry],
  });
  private readonly inferred = new Counter({
    name: "octet_frames_inferred_total",
    help: "Frames inferred by workers",
    registers: [this.registry],
  });
  private readonly dropped = new Counter({
    name: "octet_frames_dropped_total",
    help: "Frames due for detection that a newer one replaced",
    registers: [this.registry],
  });
  private readonly detections = new Counter({ name: "octet_detections_total", help: "Objects detected", registers: [this.registry] });
  private readonly stored = new Counter({
    name: "octet_detections_stored_total",
    help: "Detections committed to the database",
    labelNames: ["result"],
    registers: [this.registry],
  });
  private readonly refused = new Counter({
    name: "octet_frames_refused_total",
    help: "Frames with detections that were not stored: another worker had the camera by then, or their time is not kept",
    registers: [this.registry],
  });
  private readonly database = new Gauge({
    name: "octet_database_up",
    help: "1 where the database answers",
    registers: [this.registry],
  });
  private readonly alarms = new Gauge({
    name: "octet_alarms",
    help: "Open alarms by kind",
    labelNames: ["kind"],
    registers: [this.registry],
  });
  private readonly gpus = gpuGauges.map(({ name, help, of }) => ({
    of,
    gauge: new Gauge({ name, help, labelNames: ["worker", "gpu", "name"], registers: [this.registry] }),
  }));
  private readonly stages = new Map<string, { counts: number[]; sum: number }>();
  private readonly last = new Map<string, Telemetry>();
  private readonly boots = new Map<string, string>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Rows that were stored or there already, and frames that were refused. */
  countStored({ stored, repeated, refused }: { stored: number; repeated: number; refused: number }): void {
    this.stored.inc({ result: "stored" }, stored);
    this.stored.inc({ result: "repeated" }, repeated);
    this.refused.inc(refused);
  }

  /** @param alarms open ones by kind; null: not known now */
  setSite({ database, alarms }: { database: boolean; alarms: Record<AlarmKind, number> | null }): void {
    this.database.set(database ? 1 : 0);
    this.alarms.reset();
    if (alarms) for (const kind of alarmKinds) this.alarms.set({ kind }, alarms[kind]);
  }

  /** What GPUs of connected workers do; of others nothing is told any more. */
  setGpus(workers: readonly { worker: string; gpus: readonly GpuLoad[] }[]): void {
    for (const { gauge, of } of this.gpus) {
      gauge.reset();
      for (const { worker, gpus } of workers)
        for (const gpu of gpus) {
          const value = of(gpu);
          if (value !== null) gauge.set({ worker, gpu: String(gpu.index), name: gpu.name }, value);
        }
    }
  }

  /** A worker joined. Where it is another process than before, its totals start at nought. */
  begin(workerId: string, bootId: string): void {
    if (this.boots.get(workerId) !== bootId) this.last.delete(workerId);
    this.boots.set(workerId, bootId);
  }

  add(workerId: string, telemetry: Telemetry): void {
    const before = this.last.get(workerId);
    this.last.set(workerId, telemetry);
    // The first report of a process counts whole: what it did before this gateway began happened all the same.
    const growth = (pick: (from: Telemetry) => number): number => Math.max(0, before ? pick(telemetry) - pick(before) : pick(telemetry));
    this.decoded.inc(growth((from) => from.totals.framesDecoded));
    this.inferred.inc(growth((from) => from.totals.framesInferred));
    this.dropped.inc(growth((from) => from.totals.framesDropped));
    this.detections.inc(growth((from) => from.totals.detections));
    for (const { stage, counts, sum } of telemetry.stages) {
      if (!(stages as readonly string[]).includes(stage)) continue;
      const previous = before?.stages.find((candidate) => candidate.stage === stage);
      const total = this.stages.get(stage) ?? { counts: Array.from({ length: STAGE_BUCKETS.length + 1 }, () => 0), sum: 0 };
      for (let i = 0; i < total.counts.length; i++)
        total.counts[i] = (total.counts[i] ?? 0) + Math.max(0, (counts[i] ?? 0) - (previous?.counts[i] ?? 0));
      total.sum += Math.max(0, sum - (previous?.sum ?? 0));
      this.stages.set(stage, total);
    }
  }

  async text(states: Record<CameraState, number>, workers: number): Promise<string> {
    for (const state of cameraStates) this.cameras.set({ state }, states[state]);
    this.workers.set(workers);
    return `${(await this.registry.metrics()).trimEnd()}\n${this.stageText()}`;
  }

  /** prom-client can only observe single values; ours arrive as counts a bucket. */
  private stageText(): string {
    const lines = [
      "# HELP octet_stage_seconds Time of an inferred frame in each stage; network: its lateness against the earliest arrivals; total: from when it could have been here to published; between: what of that is in no stage",
      "# TYPE octet_stage_seconds histogram",
    ];
    for (const stage of stages) {
      const histogram = this.stages.get(stage);
      if (!histogram) continue;
      let cumulative = 0;
      for (const [index, bound] of STAGE_BUCKETS.entries()) {
        cumulative += histogram.counts[index] ?? 0;
        lines.push(`octet_stage_seconds_bucket{stage="${stage}",le="${bound}"} ${cumulative}`);
      }
      cumulative += histogram.counts[STAGE_BUCKETS.length] ?? 0;
      lines.push(
        `octet_stage_seconds_bucket{stage="${stage}",le="+Inf"} ${cumulative}`,
        `octet_stage_seconds_sum{stage="${stage}"} ${histogram.sum}`,
        `octet_stage_seconds_count{stage="${stage}"} ${cumulative}`,
      );
    }
    return `${lines.join("\n")}\n`;
  }
}
