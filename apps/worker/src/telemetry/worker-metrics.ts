import type { CameraStatus } from "@octet/shared/domain/camera";
import type { GpuLoad, WorkerLoad } from "@octet/shared/domain/worker";
import { collectDefaultMetrics, Registry } from "prom-client";
import type { CameraMeters } from "./camera-meters.ts";
import { metric, type Sample, type StageSnapshot, stageHistogram } from "./exposition.ts";

export interface WorkerReading {
  statuses: readonly CameraStatus[];
  /** Of all cameras since the worker began, also of those that have left. */
  stages: readonly StageSnapshot[];
  totals: { framesDecoded: number; framesInferred: number; framesDropped: number; detections: number };
  /** null until it was measured. */
  load: WorkerLoad | null;
  connected: boolean;
  /** From capture to detections, that is aimed at. */
  budgetMs: number;
}

const STEPS = ["received", "decoded", "scaled", "inferred", "dropped"] as const;
const STATES = ["connecting", "online", "offline"] as const;

/** What a worker tells Prometheus. Series of cameras come and go with the cameras. */
export class WorkerMetrics {
  private readonly meters: CameraMeters;
  private readonly read: () => WorkerReading;
  private readonly process = new Registry();

  constructor(meters: CameraMeters, read: () => WorkerReading) {
    this.meters = meters;
    this.read = read;
    collectDefaultMetrics({ register: this.process });
  }

  /** Prometheus text format 0.0.4. */
  async text(): Promise<string> {
    const reading = this.read();
    const lines = [...this.cameraLines(reading.statuses), ...workerLines(reading), ...gpuLines(reading.load?.gpus ?? [])];
    return `${(await this.process.metrics()).trimEnd()}\n${lines.join("\n")}\n`;
  }

  private cameraLines(statuses: readonly CameraStatus[]): string[] {
    const cameras = statuses.flatMap((status) => {
      const meter = this.meters.get(status.cameraId);
      return meter ? [{ status, meter, labels: { camera: meter.name, camera_id: status.cameraId } }] : [];
    });
    const each = (value: (camera: (typeof cameras)[number]) => number | null): Sample[] =>
      cameras.map((camera) => [camera.labels, value(camera)]);
    return [
      ...metric(
        "counter",
        "octet_camera_frames_total",
        "Frames of a camera by how far they came; dropped: a newer one replaced it before inference",
        cameras.flatMap(({ labels, status }) => STEPS.map((step): Sample => [{ ...labels, step }, status.counters[step]])),
      ),
      ...metric(
        "counter",
        "octet_camera_detections_total",
        "Objects detected",
        each(({ status }) => status.counters.detections),
      ),
      ...metric(
        "counter",
        "octet_camera_reconnects_total",
        "Times that its stream was opened again",
        each(({ status }) => status.counters.reconnects),
      ),
      ...metric(
        "gauge",
        "octet_camera_stream_fps",
        "Frames a second that arrive",
        each(({ status }) => status.streamFps),
      ),
      ...metric(
        "gauge",
        "octet_camera_detect_fps",
        "Detections a second, over 5 s",
        each(({ status }) => status.detectFps),
      ),
      ...metric(
        "gauge",
        "octet_camera_asked_fps",
        "Detections a second that were asked for",
        each(({ meter }) => meter.askedFps),
      ),
      ...metric(
        "gauge",
        "octet_camera_state",
        "1 for the state that it is in",
        cameras.flatMap(({ labels, status }) => STATES.map((state): Sample => [{ ...labels, state }, status.state === state ? 1 : 0])),
      ),
      ...metric(
        "gauge",
        "octet_camera_model_fallback",
        "1 where it does not run on what was promoted for it",
        each(({ status }) => (status.modelAlarm ? 1 : 0)),
      ),
      ...metric(
        "gauge",
        "octet_camera_arrival_jitter_seconds",
        "How unevenly inferred frames arrive against their presentation times (RFC 3550)",
        each(({ meter }) => meter.jitter.ms / 1000),
      ),
      ...stageHistogram(
        "octet_camera_stage_seconds",
        "Time of an inferred frame of one camera in each stage; total: arrival to published",
        cameras.map(({ labels, meter }) => ({ labels, stages: meter.stages.snapshot() })),
      ),
    ];
  }
}

function workerLines({ stages, totals, load, connected, budgetMs }: WorkerReading): string[] {
  const one = (value: number | null | undefined): Sample[] => [[{}, value]];
  return [
    ...metric("gauge", "octet_worker_connected", "1 where the gateway knows this worker", one(connected ? 1 : 0)),
    ...metric("gauge", "octet_worker_latency_budget_seconds", "From capture to detections, that it aims at", one(budgetMs / 1000)),
    ...metric("gauge", "octet_worker_cameras", "Cameras that run here", one(load?.cameras)),
    ...metric("counter", "octet_worker_frames_decoded_total", "Frames decoded", one(totals.framesDecoded)),
    ...metric("counter", "octet_worker_frames_inferred_total", "Frames inferred", one(totals.framesInferred)),
    ...metric("counter", "octet_worker_frames_dropped_total", "Frames that a newer one replaced", one(totals.framesDropped)),
    ...metric("counter", "octet_worker_detections_total", "Objects detected", one(totals.detections)),
    ...metric("gauge", "octet_worker_queued_frames", "Frames that wait for inference", one(load?.queued)),
    ...metric("gauge", "octet_worker_inference_busy_ratio", "Share of the inference threads' time in use", one(load?.inferBusy)),
    ...metric("gauge", "octet_worker_cpu_cores", "Cores in use, over the last second", one(load && load.cpuPercent / 100)),
    ...metric("gauge", "octet_worker_spool_records", "Frames with detections that are not acknowledged", one(load?.spool.records)),
    ...metric("gauge", "octet_worker_spool_bytes", "Bytes on disk that are not acknowledged", one(load?.spool.bytes)),
    ...metric(
      "counter",
      "octet_worker_spool_lost_records_total",
      "Frames with detections that were given up",
      one(load?.spool.lostRecords),
    ),
    ...stageHistogram("octet_worker_stage_seconds", "Time of an inferred frame in each stage, all cameras", [{ labels: {}, stages }]),
  ];
}

function gpuLines(gpus: readonly GpuLoad[]): string[] {
  const each = (value: (gpu: GpuLoad) => number | null): Sample[] =>
    gpus.map((gpu) => [{ gpu: String(gpu.index), name: gpu.name }, value(gpu)]);
  const ratio = (percent: number | null): number | null => (percent === null ? null : percent / 100);
  return [
    ...metric(
      "gauge",
      "octet_gpu_utilization_ratio",
      "Share of the time in which a kernel ran",
      each((gpu) => ratio(gpu.utilizationPercent)),
    ),
    ...metric(
      "gauge",
      "octet_gpu_decoder_utilization_ratio",
      "NVDEC in use",
      each((gpu) => ratio(gpu.decoderPercent)),
    ),
    ...metric(
      "gauge",
      "octet_gpu_encoder_utilization_ratio",
      "NVENC in use",
      each((gpu) => ratio(gpu.encoderPercent)),
    ),
    ...metric(
      "gauge",
      "octet_gpu_memory_used_bytes",
      "GPU memory in use",
      each((gpu) => gpu.memoryUsedBytes),
    ),
    ...metric(
      "gauge",
      "octet_gpu_memory_total_bytes",
      "GPU memory",
      each((gpu) => gpu.memoryTotalBytes),
    ),
    ...metric(
      "gauge",
      "octet_gpu_power_watts",
      "Power drawn",
      each((gpu) => gpu.powerWatts),
    ),
    ...metric(
      "gauge",
      "octet_gpu_temperature_celsius",
      "Temperature of the GPU",
      each((gpu) => gpu.temperatureCelsius),
    ),
  ];
}
