import type { AlarmKind } from "@octet/shared/domain/alarm";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import type { PlacementRule } from "@octet/shared/domain/placement";
import type { ShadowExample, ShadowReport } from "@octet/shared/domain/shadow";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { AssignedCamera, WorkerToGateway } from "@octet/shared/protocol/worker-protocol";
import type { Logger } from "pino";

export interface PlacedCameraRow extends Omit<AssignedCamera, "epoch"> {
  workerId: string | null;
  placement: PlacementRule;
  tags: string[];
  epoch: number;
}

/** What the gateway needs of the rest of the server; handed in, so that it can be tested alone. */
export interface GatewayDependencies {
  logger: Logger;
  version: string;
  /** Enabled cameras with their passwords, each time anew. */
  listCameras(): Promise<PlacedCameraRow[]>;
  countCameras(): Promise<{ total: number; enabled: number }>;
  /** Begins a lease under a new epoch and ends the one before; with `handover` only once it is activated. Returns the epoch. */
  setCameraWorker(cameraId: string, workerId: string | null, handover: boolean): Promise<number>;
  activateLease(cameraId: string, epoch: number): Promise<void>;
  /** All hand-overs that were under way, but those named by camera and epoch ("id epoch"). */
  activatePending(except: ReadonlySet<string>): Promise<void>;
  saveWorker(hello: PayloadOf<WorkerToGateway, "hello">): Promise<{ draining: boolean }>;
  workerLeft(workerId: string): Promise<void>;
  /** Resolves after the commit. @throws AppError DATABASE_UNAVAILABLE; another error where it is of these records */
  storeDetections(records: DetectionRecord[]): Promise<{ stored: number; repeated: number; refused: number }>;
  /** Keeps what shadows have seen; the newest counts of a run replace those before. */
  saveShadows(reports: ShadowReport[]): Promise<void>;
  addShadowExample(example: ShadowExample): Promise<void>;
  pingDatabase(): Promise<void>;
  /** For /metrics. */
  openAlarms?(): Promise<Record<AlarmKind, number>>;
  verifyWorkerToken(token: string): Promise<{ id: string } | null>;
  sessionOf(headers: Headers): Promise<{ userId: string } | null>;
  /** A worker that is away keeps its cameras for so long. */
  graceMs: number;
}
