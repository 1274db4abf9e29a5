import type { ModelInfo } from "@octet/shared/domain/model";
import type { GpuLoad, HostReport, Worker, WorkerLoad } from "@octet/shared/domain/worker";
import { PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import type { workerToGateway } from "@octet/shared/protocol/worker-protocol";

/** A host of two cores without a GPU. */
export const newHostReport = (changes: Partial<HostReport> = {}): HostReport => ({
  hostname: "north",
  platform: "linux",
  arch: "x64",
  node: "20",
  cpuModel: "EPYC",
  cpuCores: 2,
  memoryBytes: 32e9,
  gpus: [],
  decoders: [],
  providers: [],
  versions: {},
  ...changes,
});

export const newModelInfo = (changes: Partial<ModelInfo> = {}): ModelInfo => ({
  id: "m".repeat(64),
  name: "mnet.25_v2",
  family: "retinaface",
  precision: "fp32",
  sizeBytes: 1,
  inputWidth: 640,
  inputHeight: 640,
  maxBatch: 1,
  licence: { name: "MIT", note: "", origin: "" },
  ...changes,
});

/** One camera, nothing measured, nothing lost. */
export const newWorkerLoad = (changes: Partial<WorkerLoad> = {}): WorkerLoad => ({
  cpuPercent: 50,
  rssBytes: 1,
  cameras: 1,
  decodedPerSecond: 0,
  inferredPerSecond: 0,
  queued: 0,
  inferBusy: 0,
  capacity: { detectionsPerSecond: null, pixelsPerSecond: null, memoryBytes: 8e9, sharedCores: true },
  spool: { records: 0, bytes: 0, lostRecords: 0, maxBytes: 256 << 20 },
  ...changes,
});

export const newGpuLoad = (changes: Partial<GpuLoad> = {}): GpuLoad => ({
  index: 0,
  name: "NVIDIA L4",
  utilizationPercent: 40,
  memoryUsedBytes: 2 ** 30,
  memoryTotalBytes: 24 * 2 ** 30,
  powerWatts: 31.5,
  temperatureCelsius: 44,
  decoderPercent: 72,
  encoderPercent: 0,
  ...changes,
});

/** Connected and running. */
export const newWorker = (changes: Partial<Worker> = {}): Worker => ({
  id: "w1",
  name: "north",
  online: true,
  version: "0.1.0",
  host: newHostReport(),
  model: newModelInfo(),
  labels: [],
  draining: false,
  committed: null,
  load: newWorkerLoad(),
  connectedAt: new Date("2026-03-01T08:00:00Z"),
  lastSeenAt: new Date("2026-03-01T08:00:00Z"),
  ...changes,
});

type Hello = ReturnType<typeof workerToGateway.hello.payload.parse>;

/** What a worker says first to the gateway. */
export const newHello = (workerId: string, changes: Partial<Hello> = {}): Hello => ({
  protocol: PROTOCOL_VERSION,
  workerId,
  bootId: workerId,
  name: workerId,
  version: "test",
  host: newHostReport({ hostname: workerId }),
  model: newModelInfo(),
  labels: [],
  jobKinds: [],
  jobs: [],
  ...changes,
});
