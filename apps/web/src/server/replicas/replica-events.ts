import type { Job } from "@octet/shared/domain/job";
import type { ErrorInfo } from "@octet/shared/errors";
import type { PackedFrame } from "@octet/shared/protocol/live-frame";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import type { Handover } from "../gateway/handovers.ts";
import type { Interest } from "../gateway/watchers.ts";
import type { ConnectedWorker, Telemetry } from "../gateway/worker-registry.ts";
import type { Topic } from "../runtime.ts";

/** Replicas of another number do not talk to each other. Raise it with any change below. */
export const REPLICA_PROTOCOL = 3;

/** A worker as the other replicas know it. */
export interface SharedWorker extends Omit<ConnectedWorker, "link" | "labels" | "cameras" | "jobKinds" | "reported"> {
  labels: string[];
  cameras: string[];
  jobKinds: string[];
}

/** What a worker reports of its cameras and load: its totals are counted where it is connected. */
export type SharedTelemetry = Pick<Telemetry, "cameras" | "load">;

export type Answer = { ok: true; value: unknown } | { ok: false; error: ErrorInfo };

/** What replicas tell each other; in order, while they are connected. */
export interface ReplicaEvents {
  /** First of all, from both ends: whole state. */
  state: {
    workers: { worker: SharedWorker; telemetry: SharedTelemetry | null }[];
    interest: Interest;
    leads: boolean;
    handovers: Handover[];
  };
  leads: { leads: boolean };
  workerJoined: SharedWorker;
  /** `silentMs`: for how long it had said nothing. */
  workerLeft: { id: string; joinedAt: number; leaving: boolean; silentMs: number };
  telemetry: { workerId: string; telemetry: SharedTelemetry };
  draining: { workerId: string; draining: boolean; leaving: boolean };
  /** From the leader; `cameras`: null where they are as before. */
  placed: { workerId: string; committed: number | null; cameras: string[] | null }[];
  handoverBegan: Handover;
  /** `taken`: the camera runs where it was to go. */
  handoverEnded: { cameraId: string; nextEpoch: number; taken: boolean };
  interest: { add: Interest; remove: Interest };
  frames: PackedFrame[];
  video: VideoChunk;
  changed: { topic: Topic };
  job: Job;
  tokensChanged: null;
  sessionsChanged: null;
  toWorker: { workerId: string; event: string; payload: unknown };
  dropWorker: { workerId: string };
}

/** What replicas ask each other. */
export interface ReplicaQuestions {
  askWorker: { workerId: string; event: string; payload: unknown; timeoutMs: number };
  /** Of the leader. */
  place: null;
  letGo: { workerId: string };
}
