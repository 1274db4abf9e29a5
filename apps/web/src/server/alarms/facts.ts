import type { CameraStatus } from "@octet/shared/domain/camera";
import type { PlacementRule } from "@octet/shared/domain/placement";
import type { WorkerLoad } from "@octet/shared/domain/worker";

export interface CameraFacts {
  id: string;
  name: string;
  /** Detections a second that were asked of it. */
  detectFps: number;
  placement: PlacementRule;
  addressLost: boolean;
  /** null: no worker reports it. */
  status: CameraStatus | null;
  /** Its own, or what its worker aims at; absent or null: the site's. */
  budgetMs?: number | null;
}

export interface WorkerFacts {
  id: string;
  name: string;
  connected: boolean;
  draining: boolean;
  /** Unix ms at which it left without a goodbye; null where it is here, said goodbye, or is not known to have left. */
  lostSince: number | null;
  /** null where it is not connected. */
  cores: number | null;
  load: WorkerLoad | null;
}

/** What alarms are judged by, at one moment. */
export interface AlarmFacts {
  /** Capture of a frame to its boxes, at p99, where a worker does not say what it aims at. */
  budgetMs: number;
  /** Those that are enabled. */
  cameras: readonly CameraFacts[];
  workers: readonly WorkerFacts[];
}

/** What the database knows of who can have an alarm. */
export interface AlarmSubjects {
  cameras: {
    id: string;
    name: string;
    detectFps: number;
    latencyBudgetMs: number | null;
    placement: PlacementRule;
    addressLost: boolean;
  }[];
  workers: { id: string; name: string; draining: boolean }[];
}

/** What the gateway sees now. */
export interface AlarmSight {
  statuses: readonly CameraStatus[];
  connected: readonly { id: string; cores: number; budgetMs?: number | null; load: WorkerLoad | null }[];
  /** By id, Unix ms. */
  lost: ReadonlyMap<string, number>;
}

export function gatherFacts(budgetMs: number, { cameras, workers }: AlarmSubjects, { statuses, connected, lost }: AlarmSight): AlarmFacts {
  const statusOf = new Map(statuses.map((status) => [status.cameraId, status]));
  const workerOf = new Map(connected.map((worker) => [worker.id, worker]));
  return {
    budgetMs,
    cameras: cameras.map(({ latencyBudgetMs, ...camera }) => {
      const status = statusOf.get(camera.id) ?? null;
      return { ...camera, status, budgetMs: latencyBudgetMs ?? workerOf.get(status?.workerId ?? "")?.budgetMs ?? null };
    }),
    workers: workers.map((worker) => {
      const now = workerOf.get(worker.id);
      return {
        ...worker,
        connected: now !== undefined,
        lostSince: now ? null : (lost.get(worker.id) ?? null),
        cores: now?.cores ?? null,
        load: now?.load ?? null,
      };
    }),
  };
}
