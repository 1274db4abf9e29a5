import type { Database } from "@octet/db/client";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import type { CameraStatus, StreamProbe, Transport } from "@octet/shared/domain/camera";
import type { Job } from "@octet/shared/domain/job";
import type { Health, WorkerLoad } from "@octet/shared/domain/worker";

export type Topic = "cameras" | "workers" | "models" | "datasets" | "profiles" | "alarms";

/** What routers and pages may ask of the gateway. */
export interface GatewayPort {
  /** Opens a stream on a worker (the one given, if it is connected). Throws AppError: WORKER_UNAVAILABLE or what is wrong with the camera. */
  probe(input: { url: string; transport: Transport; workerId?: string | null }): Promise<StreamProbe>;
  /** Last known live state; cameras that no worker reports are absent. */
  cameraStatuses(): CameraStatus[];
  workers(): { id: string; name: string; online: boolean; load: WorkerLoad | null; committed: number | null }[];
  /** Call after any write to cameras: places them anew and tells browsers. */
  camerasChanged(): Promise<void>;
  /** Call after a worker was told to give its cameras away, or to take some again. */
  workerDrains(id: string, draining: boolean): Promise<void>;
  /** Where a worker's cameras would go, were it lost now; load: above 1 a worker could not keep up. */
  ifLost(workerId: string): Promise<{
    cameras: number;
    /** Names of its cameras that no other worker may run. */
    stranded: string[];
    hosts: { workerId: string; name: string; gains: number; load: number }[];
  }>;
  /** Tells browsers that what they know of a topic is stale. */
  changed(topic: Topic): void;
  /** Disconnects workers whose token was revoked. */
  tokensChanged(): Promise<void>;
  /** Disconnects browsers whose session has ended: call after a person was removed or a password changed. */
  sessionsChanged(): Promise<void>;
  health(): Promise<Health>;
  /** Prometheus text format. */
  metrics(): Promise<string>;
}

export interface OpenArtifact extends ArtifactRef {
  /** The first bytes, at most `length`. */
  start(length: number): Promise<Uint8Array>;
  stream(): ReadableStream<Uint8Array>;
}

/** Files of the precision flow, by content. */
export interface ArtifactPort {
  /**
   * Stores bytes; such as are there already are no error. Throws AppError: BAD_INPUT where they do not have the hash that was
   * named or are too many, DISK_FULL. Nothing is stored then.
   */
  store(source: Uint8Array | AsyncIterable<Uint8Array>, options?: { sha256?: string; maxBytes?: number }): Promise<ArtifactRef>;
  open(sha256: string): Promise<OpenArtifact | null>;
  /** All bytes of a small file (default limit 64 MiB). Throws AppError: NOT_FOUND, BAD_INPUT where it is larger. */
  read(sha256: string, maxBytes?: number): Promise<Uint8Array>;
  has(sha256: string): Promise<boolean>;
}

export interface JobPort {
  /**
   * Call after the commit that queued, cancelled or retried a job: browsers are told, a worker is looked for, and a worker
   * that runs it is told to stop.
   */
  changed(job: Job): void;
}

export interface Runtime {
  db: Database;
  gateway: GatewayPort;
  artifacts: ArtifactPort;
  jobs: JobPort;
}

// server.ts and Next's bundle load separate copies of every module: they meet on globalThis.
const holder = globalThis as { __octetRuntime?: Runtime };

export function setRuntime(runtime: Runtime): void {
  holder.__octetRuntime = runtime;
}

/** The one database client, gateway and so on of this process. Throws where server.ts did not start them (during a build, say). */
export function runtime(): Runtime {
  if (!holder.__octetRuntime) throw new Error("The web app must be started by server.ts: the gateway is not running");
  return holder.__octetRuntime;
}
