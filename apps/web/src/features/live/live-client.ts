"use client";
import type { CameraStatus } from "@octet/shared/domain/camera";
import type { Job } from "@octet/shared/domain/job";
import type { WorkerLoad } from "@octet/shared/domain/worker";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import { growConnectTimeout } from "@octet/shared/protocol/connect-timeout";
import { type LiveFrame, type PackedFrame, unpackFrame } from "@octet/shared/protocol/live-frame";
import { browserToGateway, type GatewayToBrowser, gatewayToBrowser, LIVE_NAMESPACE } from "@octet/shared/protocol/live-protocol";
import { socketParser } from "@octet/shared/protocol/parser";
import { onEvent } from "@octet/shared/protocol/typed-socket";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import { io, type Socket } from "socket.io-client";

export type WorkerStatus = { id: string; name: string; online: boolean; load: WorkerLoad | null; committed: number | null };
export type ChangedTopic = PayloadOf<GatewayToBrowser, "changed">["topic"];
type Kind = "frames" | "previews" | "videos";
type Listener<T> = (value: T) => void;

const topics = gatewayToBrowser.changed.payload.shape.topic.options;

const JOBS_KEPT = 500;

class Topic<T> {
  private readonly listeners = new Set<Listener<T>>();
  add(listener: Listener<T>): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  emit(value: T): void {
    for (const listener of this.listeners) listener(value);
  }
}

/** The dashboard's one connection: what is on screen is asked for, and nothing else arrives. */
class LiveClient {
  readonly frames = new Topic<LiveFrame>();
  readonly videos = new Topic<VideoChunk>();
  readonly changed = new Topic<ChangedTopic>();
  /** `news`: it is at another state or attempt than was known. */
  readonly jobEvents = new Topic<{ job: Job; news: boolean }>();
  /** Anything below this line changed: for useSyncExternalStore. */
  readonly state = new Topic<void>();
  statuses: ReadonlyMap<string, CameraStatus> = new Map();
  workers: readonly WorkerStatus[] = [];
  /** Jobs as they were last reported since the connection began. */
  jobs: ReadonlyMap<string, Job> = new Map();
  connected = false;
  private socket: Socket | null = null;
  private readonly wanted: Record<Kind, Map<string, number>> = { frames: new Map(), previews: new Map(), videos: new Map() };
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** Registers that a camera is on screen. Returns how to take that back. */
  want(kind: Kind, cameraId: string): () => void {
    this.connect();
    const counts = this.wanted[kind];
    counts.set(cameraId, (counts.get(cameraId) ?? 0) + 1);
    this.sendSoon();
    return () => {
      const left = (counts.get(cameraId) ?? 1) - 1;
      if (left > 0) counts.set(cameraId, left);
      else counts.delete(cameraId);
      this.sendSoon();
    };
  }

  connect(): void {
    if (this.socket) return;
    const socket = io(LIVE_NAMESPACE, {
      parser: socketParser,
      transports: ["websocket"],
      reconnectionDelayMax: 3000,
      autoConnect: false,
    });
    this.socket = socket;
    growConnectTimeout(socket.io);
    const setConnected = (connected: boolean): void => {
      this.connected = connected;
      this.state.emit();
    };
    socket.on("connect", () => {
      setConnected(true);
      this.send();
      // What changed while we were away is unknown.
      this.jobs = new Map();
      this.statuses = new Map();
      for (const topic of topics) this.changed.emit(topic);
    });
    socket.on("disconnect", () => setConnected(false));
    socket.on("connect_error", (error: Error & { data?: { code?: string } }) => {
      if (error.data?.code === "UNAUTHENTICATED") window.location.assign("/sign-in");
    });
    document.addEventListener("visibilitychange", () => this.sendSoon());
    const fault = (): void => {};
    const onFrames = (frames: readonly PackedFrame[]): void => {
      for (const frame of frames) this.frames.emit(unpackFrame(frame));
    };
    onEvent(socket, gatewayToBrowser, "frames", onFrames, fault);
    onEvent(socket, gatewayToBrowser, "video", (chunk) => this.videos.emit(chunk), fault);
    onEvent(
      socket,
      gatewayToBrowser,
      "cameraStatus",
      (list) => {
        const statuses = new Map(this.statuses);
        for (const status of list) statuses.set(status.cameraId, status);
        this.statuses = statuses;
        this.state.emit();
      },
      fault,
    );
    onEvent(
      socket,
      gatewayToBrowser,
      "cameraGone",
      (ids) => {
        const statuses = new Map(this.statuses);
        for (const id of ids) statuses.delete(id);
        this.statuses = statuses;
        this.state.emit();
      },
      fault,
    );
    onEvent(
      socket,
      gatewayToBrowser,
      "workerStatus",
      (list) => {
        this.workers = list;
        this.state.emit();
      },
      fault,
    );
    onEvent(
      socket,
      gatewayToBrowser,
      "job",
      (job) => {
        const before = this.jobs.get(job.id);
        this.jobs = new Map([...this.jobs].slice(-JOBS_KEPT)).set(job.id, job);
        this.state.emit();
        this.jobEvents.emit({ job, news: before?.state !== job.state || before.attempt !== job.attempt });
      },
      fault,
    );
    onEvent(socket, gatewayToBrowser, "changed", ({ topic }) => this.changed.emit(topic), fault);
    socket.connect();
  }

  /** Several tiles come and go in one render: one message tells of all. */
  private sendSoon(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), 60);
  }

  private send(): void {
    if (!this.socket?.connected) return;
    const hidden = document.hidden;
    const list = (kind: Kind): string[] => (hidden ? [] : [...this.wanted[kind].keys()]);
    const watch = browserToGateway.watch.payload.parse({
      frames: list("frames").slice(0, 200),
      previews: list("previews").slice(0, 200),
      videos: list("videos").slice(0, 4),
      status: true,
    });
    this.socket.emit("watch", watch, () => {});
  }
}

export const live = new LiveClient();
