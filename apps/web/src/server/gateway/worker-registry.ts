import type { CameraStatus } from "@octet/shared/domain/camera";
import type { JobKind } from "@octet/shared/domain/job";
import type { WorkerLoad } from "@octet/shared/domain/worker";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { WorkerToGateway } from "@octet/shared/protocol/worker-protocol";
import type { Socket } from "socket.io";

export type Telemetry = PayloadOf<WorkerToGateway, "telemetry">;

export interface ConnectedWorker {
  id: string;
  name: string;
  cores: number;
  tokenId: string;
  socket: Socket;
  load: WorkerLoad | null;
  telemetry: Telemetry | null;
  /** Cameras it was told to run. */
  cameras: Set<string>;
  /** What it takes jobs of. */
  jobKinds: ReadonlySet<JobKind>;
}

/** Workers that are connected now, what they reported last, and when the others left. */
export class WorkerRegistry {
  private readonly workers = new Map<string, ConnectedWorker>();
  private readonly statuses = new Map<string, CameraStatus>();
  private readonly leftAt = new Map<string, number>();

  /** Adds a worker; one with the same id that was connected before is returned: it must be disconnected. */
  join(worker: ConnectedWorker): ConnectedWorker | undefined {
    const before = this.workers.get(worker.id);
    this.workers.set(worker.id, worker);
    this.leftAt.delete(worker.id);
    return before;
  }

  /** Removes it, unless another connection has taken its place. */
  leave(id: string, socket: Socket, now: number): boolean {
    if (this.workers.get(id)?.socket !== socket) return false;
    this.workers.delete(id);
    this.leftAt.set(id, now);
    for (const [cameraId, status] of this.statuses) if (status.workerId === id) this.statuses.delete(cameraId);
    return true;
  }

  /** Workers that the database knows of at boot may come back: they left just now, as far as anyone can tell. */
  expect(ids: Iterable<string>, now: number): void {
    for (const id of ids) if (!this.workers.has(id)) this.leftAt.set(id, now);
  }

  report(id: string, telemetry: Telemetry): void {
    const worker = this.workers.get(id);
    if (!worker) return;
    worker.telemetry = telemetry;
    worker.load = telemetry.load;
    for (const status of telemetry.cameras) if (worker.cameras.has(status.cameraId)) this.statuses.set(status.cameraId, status);
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

  cameraStatuses(): CameraStatus[] {
    return [...this.statuses.values()];
  }

  /** Ids of workers that left less than `graceMs` ago: their cameras wait for them. */
  expected(now: number, graceMs: number): Set<string> {
    return new Set([...this.leftAt].filter(([, at]) => now - at < graceMs).map(([id]) => id));
  }
}
