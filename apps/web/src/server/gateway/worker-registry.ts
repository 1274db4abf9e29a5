import type { CameraStatus } from "@octet/shared/domain/camera";
import type { JobKind } from "@octet/shared/domain/job";
import type { Capacity } from "@octet/shared/domain/placement";
import type { WorkerLoad } from "@octet/shared/domain/worker";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { WorkerToGateway } from "@octet/shared/protocol/worker-protocol";
import type { Demand } from "../placement/assign.ts";
import type { SharedTelemetry } from "../replicas/replica-events.ts";
import type { WorkerLink } from "./worker-link.ts";

export type Telemetry = PayloadOf<WorkerToGateway, "telemetry">;

export interface ConnectedWorker {
  id: string;
  /** Of its process: the same worker comes back under the same one. */
  bootId: string;
  name: string;
  cores: number;
  memoryBytes: number;
  /** Time from capture to detections that it aims at, ms; null: it does not say. */
  budgetMs: number | null;
  labels: ReadonlySet<string>;
  /** It gives its cameras away: a person said so, or it is about to end. */
  draining: boolean;
  leaving: boolean;
  /** Share of its capacity that its cameras ask for. */
  committed: number | null;
  link: WorkerLink;
  /** Unix ms, by the replica that it is connected to: of two connections the later one counts. */
  joinedAt: number;
  load: WorkerLoad | null;
  /** What it said last of each of its cameras. */
  reported: Map<string, CameraStatus>;
  /** Cameras it was told to run. */
  cameras: Set<string>;
  /** What it takes jobs of. */
  jobKinds: ReadonlySet<JobKind>;
}

/** Before a worker has measured anything: about what a small detector does on a core. */
const DETECTIONS_PER_CORE = 10;
/** Of a host's memory, for cameras. */
const MEMORY_SHARE = 0.8;
/** Until a camera has been seen. */
const UNSEEN = { width: 1920, height: 1080, fps: 25 };
/** A stream's decoder, queues and pictures that are kept, in bytes and in pictures of 12 bits a pixel. */
const STREAM = { bytes: 32 * 2 ** 20, pictures: 12 };

/** Workers that are connected now, what they reported last, and when the others left. */
export class WorkerRegistry {
  private readonly workers = new Map<string, ConnectedWorker>();
  private readonly statuses = new Map<string, CameraStatus>();
  private readonly leftAt = new Map<string, number>();
  /** What cameras were last seen to send, whoever ran them. */
  private readonly streams = new Map<string, { width: number; height: number; fps: number }>();

  /** Adds a worker; one with the same id that was connected before is returned: it must be disconnected. */
  join(worker: ConnectedWorker): ConnectedWorker | undefined {
    const before = this.workers.get(worker.id);
    this.workers.set(worker.id, worker);
    this.leftAt.delete(worker.id);
    return before;
  }

  /** Removes it, unless another connection has taken its place. */
  leave(id: string, link: WorkerLink, now: number): boolean {
    if (this.workers.get(id)?.link !== link) return false;
    const { leaving } = this.workers.get(id)!;
    this.workers.delete(id);
    // One that said goodbye is not waited for.
    if (!leaving) this.leftAt.set(id, now);
    for (const [cameraId, status] of this.statuses) if (status.workerId === id) this.statuses.delete(cameraId);
    return true;
  }

  /** Workers that the database knows of at boot may come back: they left just now, as far as anyone can tell. */
  expect(ids: Iterable<string>, now: number): void {
    for (const id of ids) if (!this.workers.has(id) && !this.leftAt.has(id)) this.leftAt.set(id, now);
  }

  /** @param shown whether what the worker says of a camera is to be believed yet */
  report(id: string, telemetry: SharedTelemetry, shown: (status: CameraStatus) => boolean): void {
    const worker = this.workers.get(id);
    if (!worker) return;
    worker.load = telemetry.load;
    for (const status of telemetry.cameras) {
      worker.reported.set(status.cameraId, status);
      if (!worker.cameras.has(status.cameraId) || !shown(status)) continue;
      this.statuses.set(status.cameraId, status);
      const { stream, streamFps } = status;
      if (stream) this.streams.set(status.cameraId, { width: stream.width, height: stream.height, fps: streamFps || stream.fps });
    }
  }

  /** From now on this worker's word on a camera counts: what it said last is shown at once. */
  believe(cameraId: string, workerId: string): void {
    const status = this.workers.get(workerId)?.reported.get(cameraId);
    if (status) this.statuses.set(cameraId, status);
  }

  /** What a camera asks of its worker. */
  demandOf({ id, detectFps }: { id: string; detectFps: number }): Demand {
    const { width, height, fps } = this.streams.get(id) ?? UNSEEN;
    const pixels = width * height;
    return { detectionsPerSecond: detectFps, pixelsPerSecond: pixels * fps, memoryBytes: STREAM.bytes + STREAM.pictures * pixels * 1.5 };
  }

  /** What a worker can do: as it measured, in steps of a quarter (measurements waver), or as its cores let expect. */
  capacityOf({ load, cores, memoryBytes }: ConnectedWorker): Capacity & { detectionsPerSecond: number } {
    const measured = load?.capacity;
    return {
      detectionsPerSecond: inSteps(measured?.detectionsPerSecond ?? cores * DETECTIONS_PER_CORE),
      pixelsPerSecond: measured?.pixelsPerSecond ? inSteps(measured.pixelsPerSecond) : null,
      memoryBytes: Math.max(1, memoryBytes * MEMORY_SHARE),
      sharedCores: measured?.sharedCores ?? true,
    };
  }

  /** What a worker is to run from now on; what was known of cameras that it loses does not count any more. */
  setCameras(worker: ConnectedWorker, cameras: Set<string>): void {
    for (const id of worker.cameras) if (!cameras.has(id) && this.statuses.get(id)?.workerId === worker.id) this.statuses.delete(id);
    for (const id of worker.reported.keys()) if (!cameras.has(id)) worker.reported.delete(id);
    worker.cameras = cameras;
  }

  /** Those that are connected to this process. */
  here(): ConnectedWorker[] {
    return this.all().filter(({ link }) => link.here);
  }

  /** A camera that was taken from a worker keeps no state of it. */
  forgetStatus(cameraId: string): void {
    this.statuses.delete(cameraId);
  }

  get(id: string): ConnectedWorker | undefined {
    return this.workers.get(id);
  }

  all(): ConnectedWorker[] {
    return [...this.workers.values()];
  }

  /** Workers that left without a goodbye and are not back: by id, Unix ms. */
  lost(): ReadonlyMap<string, number> {
    return this.leftAt;
  }

  statusOf(cameraId: string): CameraStatus | undefined {
    return this.statuses.get(cameraId);
  }

  /** Cameras that workers have said something of. */
  get cameraCount(): number {
    return this.statuses.size;
  }

  cameraStatuses(): CameraStatus[] {
    return [...this.statuses.values()];
  }

  /** Ids of workers that left less than `graceMs` ago: their cameras wait for them. */
  expected(now: number, graceMs: number): Set<string> {
    return new Set([...this.leftAt].filter(([, at]) => now - at < graceMs).map(([id]) => id));
  }

  /** Until the first of them is expected no longer, ms; null where none is. */
  graceLeft(now: number, graceMs: number): number | null {
    const left = [...this.leftAt.values()].map((at) => at + graceMs - now).filter((ms) => ms > 0);
    return left.length === 0 ? null : Math.min(...left);
  }
}

const inSteps = (value: number): number => 1.25 ** Math.round(Math.log(value) / Math.log(1.25));
