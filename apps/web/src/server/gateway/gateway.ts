import type { AlarmKind } from "@octet/shared/domain/alarm";
import type { CameraState, CameraStatus, StreamProbe, Transport } from "@octet/shared/domain/camera";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import type { PlacementRule } from "@octet/shared/domain/placement";
import type { ShadowExample, ShadowReport } from "@octet/shared/domain/shadow";
import type { Health } from "@octet/shared/domain/worker";
import { AppError } from "@octet/shared/errors";
import { type PayloadOf, PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import { browserToGateway, gatewayToBrowser, LIVE_NAMESPACE } from "@octet/shared/protocol/live-protocol";
import { askEvent, onEvent, sendEvent } from "@octet/shared/protocol/typed-socket";
import {
  type AssignedCamera,
  gatewayToWorker,
  WORKER_NAMESPACE,
  type WorkerToGateway,
  workerToGateway,
} from "@octet/shared/protocol/worker-protocol";
import type { Logger } from "pino";
import type { Namespace, Server, Socket } from "socket.io";
import type { AlarmSight } from "../alarms/facts.ts";
import type { JobLink, JobRuns } from "../jobs/dispatcher.ts";
import { assignCameras } from "../placement/assign.ts";
import type { GatewayPort, Topic } from "../runtime.ts";
import { type Handover, Handovers } from "./handovers.ts";
import { jobLink, onJobEvents } from "./job-events.ts";
import { GatewayMetrics } from "./metrics.ts";
import { ShadowBuffer } from "./shadow-buffer.ts";
import { Watchers } from "./watchers.ts";
import { type ConnectedWorker, WorkerRegistry } from "./worker-registry.ts";

export interface PlacedCameraRow extends Omit<AssignedCamera, "epoch"> {
  workerId: string | null;
  placement: PlacementRule;
  epoch: number;
}

/** What the gateway needs of the rest of the server; handed in, so that it can be tested alone. */
export interface GatewayDependencies {
  logger: Logger;
  version: string;
  /** Enabled cameras with their passwords, and how many there are in all. */
  listCameras(): Promise<PlacedCameraRow[]>;
  countCameras(): Promise<number>;
  /** Begins a lease under a new epoch and ends the one before; with `handover` only once it is activated. Returns the epoch. */
  setCameraWorker(cameraId: string, workerId: string | null, handover: boolean): Promise<number>;
  activateLease(cameraId: string, epoch: number): Promise<void>;
  /** All hand-overs that were under way. */
  activatePending(): Promise<void>;
  saveWorker(hello: PayloadOf<WorkerToGateway, "hello">): Promise<{ draining: boolean }>;
  workerLeft(workerId: string): Promise<void>;
  /** Resolves after the commit. */
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

/** Silence after which a connection is lost, though nobody closed it: 6.5 s at most. */
export const HEARTBEAT = { pingInterval: 2500, pingTimeout: 4000 };

const PROBE_TIMEOUT_MS = 11_000;
const STATUS_EVERY_MS = 1000;
/** What workers measured changes: now and then cameras are placed without any cause. */
const PLACE_EVERY_MS = 30_000;
/** Between rounds of moves that even out. */
const NEXT_ROUND_MS = 2000;
/** Longest that a worker gets ready while another runs the camera. */
const HANDOVER_MS = 15_000;
/** Longest that a worker that is about to end waits for its cameras to run elsewhere. */
const LEAVE_MS = 10_000;

/** The socket.io side of the server: workers on one namespace, browsers on another. */
export class Gateway implements GatewayPort {
  private readonly deps: GatewayDependencies;
  private readonly workersSpace: Namespace;
  private readonly liveSpace: Namespace;
  private readonly registry = new WorkerRegistry();
  private readonly watchers = new Watchers();
  private readonly metricsOf = new GatewayMetrics();
  private readonly shadows: ShadowBuffer;
  private jobs: JobRuns | null = null;
  private readonly handovers = new Handovers();
  private readonly timer: NodeJS.Timeout;
  private readonly placeTicker: NodeJS.Timeout;
  private placing: Promise<void> | null = null;
  private placeAgain = false;
  private placeTimer: NodeJS.Timeout | null = null;
  private placeAt = 0;
  private closed = false;

  constructor(io: Server, deps: GatewayDependencies) {
    this.deps = deps;
    this.shadows = new ShadowBuffer((reports) => deps.saveShadows(reports), deps.logger);
    this.workersSpace = io.of(WORKER_NAMESPACE);
    this.liveSpace = io.of(LIVE_NAMESPACE);
    this.workersSpace.use((socket, next) => void this.admitWorker(socket, next));
    this.workersSpace.on("connection", (socket) => this.onWorker(socket));
    this.liveSpace.use((socket, next) => void this.admitBrowser(socket, next));
    this.liveSpace.on("connection", (socket) => this.onBrowser(socket));
    this.timer = setInterval(() => this.tick(), STATUS_EVERY_MS);
    this.placeTicker = setInterval(() => void this.place(), PLACE_EVERY_MS);
  }

  /** Who gives jobs to workers: hand it in before `start`. */
  serveJobs<T extends JobRuns>(create: (link: JobLink) => T): T {
    const jobs = create(jobLink(this.registry, this.liveSpace, (topic) => this.changed(topic)));
    this.jobs = jobs;
    return jobs;
  }

  /** Reads who ran what, and gives cameras whose worker does not come back in time to others. */
  async start(): Promise<void> {
    await this.deps.activatePending();
    const cameras = await this.deps.listCameras();
    this.registry.expect(
      cameras.flatMap((camera) => camera.workerId ?? []),
      Date.now(),
    );
    this.placeLater(this.deps.graceMs + 50);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    clearInterval(this.placeTicker);
    if (this.placeTimer) clearTimeout(this.placeTimer);
    await this.placing;
    await this.shadows.close();
  }

  cameraStatuses(): CameraStatus[] {
    return this.registry.cameraStatuses();
  }

  workers(): ReturnType<GatewayPort["workers"]> {
    return this.registry.all().map(({ id, name, load, committed }) => ({ id, name, online: true, load, committed }));
  }

  /** What alarms are judged by. */
  alarmSight(): AlarmSight {
    const connected = this.registry.all().map(({ id, cores, load }) => ({ id, cores, load }));
    return { statuses: this.registry.cameraStatuses(), connected, lost: this.registry.lost() };
  }

  async probe({ url, transport, workerId }: { url: string; transport: Transport; workerId?: string | null }): Promise<StreamProbe> {
    const worker = (workerId ? this.registry.get(workerId) : undefined) ?? this.registry.all()[0];
    if (!worker)
      throw new AppError("WORKER_UNAVAILABLE", "No worker is connected, so nothing can open the stream", {
        hint: "Start a worker (see Workers) and try again.",
      });
    const answer = await askEvent(worker.socket, gatewayToWorker, "probe", { url, transport }, PROBE_TIMEOUT_MS);
    if (!answer.ok) throw AppError.fromInfo(answer.error);
    return answer.value;
  }

  changed(topic: Topic): void {
    sendEvent(this.liveSpace.to("status"), gatewayToBrowser, "changed", { topic });
  }

  async camerasChanged(): Promise<void> {
    await this.place();
    this.changed("cameras");
  }

  async workerDrains(id: string, draining: boolean): Promise<void> {
    const worker = this.registry.get(id);
    if (worker) worker.draining = draining;
    await this.place();
    this.changed("workers");
  }

  async tokensChanged(): Promise<void> {
    for (const worker of this.registry.all()) {
      const token = String(worker.socket.handshake.auth["token"] ?? "");
      if (!(await this.deps.verifyWorkerToken(token))) worker.socket.disconnect(true);
    }
  }

  async sessionsChanged(): Promise<void> {
    for (const socket of this.liveSpace.sockets.values())
      if (!(await this.deps.sessionOf(headersOf(socket)).catch(() => null))) socket.disconnect(true);
  }

  async health(): Promise<Health> {
    const database = await this.deps.pingDatabase().then(
      () => "ok" as const,
      () => "down" as const,
    );
    const total = database === "ok" ? await this.deps.countCameras().catch(() => 0) : 0;
    const statuses = this.registry.cameraStatuses();
    const online = statuses.filter((status) => status.state === "online").length;
    const workers = this.registry.all().length;
    const status =
      database === "down" ? "down" : workers === 0 || statuses.some((camera) => camera.state === "offline") ? "degraded" : "ok";
    return { status, database, gateway: this.closed ? "down" : "ok", workers, cameras: { online, total }, version: this.deps.version };
  }

  async metrics(): Promise<string> {
    const states: Record<CameraState, number> = { disabled: 0, waiting: 0, connecting: 0, online: 0, offline: 0 };
    const statuses = this.registry.cameraStatuses();
    for (const { state } of statuses) states[state]++;
    const database = await this.deps.pingDatabase().then(
      () => true,
      () => false,
    );
    const [enabled, total] = await Promise.all([this.deps.listCameras().then((cameras) => cameras.length), this.deps.countCameras()]).catch(
      () => [statuses.length, statuses.length],
    );
    states.disabled = Math.max(0, (total ?? 0) - (enabled ?? 0));
    states.waiting = Math.max(0, (enabled ?? 0) - statuses.length);
    const alarms = database ? await this.deps.openAlarms?.().catch(() => null) : null;
    this.metricsOf.setSite({ database, alarms: alarms ?? null });
    this.metricsOf.setGpus(this.registry.all().map(({ name, load }) => ({ worker: name, gpus: load?.gpus ?? [] })));
    return this.metricsOf.text(states, this.registry.all().length);
  }

  private async admitWorker(socket: Socket, next: (error?: Error) => void): Promise<void> {
    try {
      const { token, protocol } = socket.handshake.auth as { token?: unknown; protocol?: unknown };
      if (protocol !== PROTOCOL_VERSION)
        throw new AppError("PROTOCOL_MISMATCH", `This gateway speaks protocol ${PROTOCOL_VERSION}, the worker ${String(protocol)}`, {
          hint: "Run the same version of Octet on both.",
        });
      const known = await this.deps.verifyWorkerToken(String(token ?? ""));
      if (!known)
        throw new AppError("UNAUTHENTICATED", "The worker token is not valid", {
          hint: "Make one under Settings → Tokens and set OCTET_WORKER_TOKEN.",
        });
      socket.data["tokenId"] = known.id;
      next();
    } catch (error) {
      next(withInfo(error));
    }
  }

  private async admitBrowser(socket: Socket, next: (error?: Error) => void): Promise<void> {
    try {
      const session = await this.deps.sessionOf(headersOf(socket));
      if (!session) throw new AppError("UNAUTHENTICATED", "Sign in first");
      next();
    } catch (error) {
      next(withInfo(error));
    }
  }

  private onWorker(socket: Socket): void {
    const { logger } = this.deps;
    let workerId: string | null = null;
    const fault = (error: AppError, event: string): void => logger.warn({ event, code: error.code, worker: workerId }, error.message);

    onEvent(
      socket,
      workerToGateway,
      "hello",
      async (hello) => {
        const away = (cause: unknown): never => {
          throw new AppError("DATABASE_UNAVAILABLE", "The database cannot be reached now", { cause });
        };
        const { draining } = await this.deps.saveWorker(hello).catch(away);
        const stale = (await this.jobs?.joining(hello.workerId, hello.jobs).catch(away)) ?? [];
        workerId = hello.workerId;
        this.metricsOf.begin(hello.workerId, hello.bootId);
        const worker: ConnectedWorker = {
          id: hello.workerId,
          name: hello.name,
          cores: hello.host.cpuCores,
          memoryBytes: hello.host.memoryBytes,
          labels: new Set(hello.labels),
          draining,
          leaving: false,
          committed: null,
          tokenId: String(socket.data["tokenId"]),
          socket,
          load: null,
          telemetry: null,
          cameras: new Set(),
          jobKinds: new Set(hello.jobKinds),
        };
        const before = this.registry.join(worker)?.socket;
        if (before !== socket) before?.disconnect(true);
        for (const run of stale) askEvent(socket, gatewayToWorker, "cancelJob", run, 10_000).catch(() => {});
        this.jobs?.joined(hello.workerId);
        logger.info({ worker: hello.workerId, name: hello.name }, "worker joined");
        this.changed("workers");
        void this.place();
        return { ok: true as const, value: { serverTime: Date.now() } };
      },
      fault,
    );
    onEvent(
      socket,
      workerToGateway,
      "detections",
      async ({ records }) => {
        try {
          const result = await this.deps.storeDetections(records);
          this.metricsOf.countStored(result);
          return { ok: true as const, value: result };
        } catch (error) {
          logger.warn({ error: (error as Error).message }, "detections could not be stored; the worker keeps them");
          return {
            ok: false as const,
            error: new AppError("DATABASE_UNAVAILABLE", "The database cannot store detections now", { cause: error }).toInfo(),
          };
        }
      },
      fault,
    );
    onEvent(
      socket,
      workerToGateway,
      "telemetry",
      (telemetry) => {
        if (!workerId) return;
        const id = workerId;
        for (const { cameraId, state } of telemetry.cameras)
          if (state === "online" && this.handovers.awaits(cameraId, id)) void this.finishHandover(cameraId);
        this.registry.report(id, telemetry, ({ cameraId }) => !this.handovers.awaits(cameraId, id));
        this.metricsOf.add(workerId, telemetry);
        this.shadows.add(telemetry.shadows);
      },
      fault,
    );
    onEvent(
      socket,
      workerToGateway,
      "shadowExample",
      (example) => {
        this.deps.addShadowExample(example).catch((error: Error) => logger.warn({ error: error.message }, "a shadow's example was lost"));
      },
      fault,
    );
    onEvent(
      socket,
      workerToGateway,
      "leaving",
      async () => ({ ok: true as const, value: { moved: workerId ? await this.letGo(workerId) : 0 } }),
      fault,
    );
    onEvent(
      socket,
      workerToGateway,
      "frame",
      (frame) => {
        if (workerId && this.handovers.awaits(frame.cameraId, workerId)) return;
        // Boxes go to all who watch the camera, the picture only to those who asked for it.
        if (frame.preview) {
          sendEvent(this.liveSpace.to(`preview:${frame.cameraId}`).volatile, gatewayToBrowser, "frame", frame);
          sendEvent(this.liveSpace.to(`frame:${frame.cameraId}`).except(`preview:${frame.cameraId}`).volatile, gatewayToBrowser, "frame", {
            ...frame,
            preview: null,
          });
        } else
          sendEvent(this.liveSpace.to([`frame:${frame.cameraId}`, `preview:${frame.cameraId}`]).volatile, gatewayToBrowser, "frame", frame);
      },
      fault,
    );
    onEvent(
      socket,
      workerToGateway,
      "video",
      (chunk) => {
        if (workerId && this.handovers.awaits(chunk.cameraId, workerId)) return;
        sendEvent(this.liveSpace.to(`video:${chunk.cameraId}`), gatewayToBrowser, "video", chunk);
      },
      fault,
    );
    onJobEvents(
      socket,
      () => workerId,
      () => this.jobs,
      fault,
    );
    socket.on("disconnect", (reason) => {
      const leaving = workerId !== null && this.registry.get(workerId)?.leaving === true;
      // Of a worker that fell silent the grace has begun with its silence.
      const silentMs = reason === "ping timeout" ? HEARTBEAT.pingTimeout : 0;
      if (!workerId || !this.registry.leave(workerId, socket, Date.now() - silentMs)) return;
      logger.warn({ worker: workerId, reason }, "worker left");
      this.changed("workers");
      void this.deps.workerLeft(workerId).catch(() => {});
      // Its cameras wait for it a while, then go to others.
      if (leaving) void this.place();
      else this.placeLater(Math.max(0, this.deps.graceMs - silentMs) + 50);
      for (const { cameraId } of this.handovers.from(workerId)) void this.finishHandover(cameraId);
      for (const handover of this.handovers.to(workerId)) void this.takeBack(handover);
    });
  }

  private onBrowser(socket: Socket): void {
    const fault = (error: AppError, event: string): void => this.deps.logger.debug({ event }, error.message);
    onEvent(
      socket,
      browserToGateway,
      "watch",
      async (watch) => {
        const wanted = new Set([
          ...watch.frames.map((id) => `frame:${id}`),
          ...watch.previews.map((id) => `preview:${id}`),
          ...watch.videos.map((id) => `video:${id}`),
          ...(watch.status ? ["status"] : []),
        ]);
        for (const room of socket.rooms) if (room !== socket.id && !wanted.has(room)) await socket.leave(room);
        await socket.join([...wanted]);
        if (watch.status) this.sendStatuses(socket);
        if (this.watchers.set(socket.id, watch)) this.tellWatch();
        return { ok: true as const };
      },
      fault,
    );
    socket.on("disconnect", () => {
      if (this.watchers.set(socket.id, null)) this.tellWatch();
    });
  }

  private tellWatch(): void {
    for (const worker of this.registry.all()) sendEvent(worker.socket, gatewayToWorker, "watch", this.watchers.interestIn(worker.cameras));
  }

  private sendStatuses(to: Pick<Socket, "emit"> = this.liveSpace.to("status")): void {
    sendEvent(to, gatewayToBrowser, "cameraStatus", this.registry.cameraStatuses());
    sendEvent(to, gatewayToBrowser, "workerStatus", this.workers());
  }

  /** Places in so long at the latest: an earlier one that is due stays due. */
  private placeLater(ms: number): void {
    const at = Date.now() + ms;
    if (this.closed || (this.placeTimer && this.placeAt <= at)) return;
    if (this.placeTimer) clearTimeout(this.placeTimer);
    this.placeAt = at;
    this.placeTimer = setTimeout(() => {
      this.placeTimer = null;
      void this.place();
    }, ms);
  }

  /** One placement at a time; calls that come meanwhile make one more. */
  private async place(): Promise<void> {
    if (this.closed) return;
    if (this.placing) {
      this.placeAgain = true;
      return this.placing;
    }
    this.placing = (async () => {
      do {
        this.placeAgain = false;
        try {
          await this.placeOnce();
        } catch (error) {
          this.deps.logger.error({ error: (error as Error).message }, "placement failed; trying again");
          this.placeLater(2000);
        }
      } while (this.placeAgain && !this.closed);
    })().finally(() => {
      this.placing = null;
    });
    return this.placing;
  }

  private async placeOnce(): Promise<void> {
    const cameras = await this.deps.listCameras();
    const connected = this.registry.all();
    const now = Date.now();
    const expected = this.registry.expected(now, this.deps.graceMs);
    // A worker that may be back in a moment keeps what it runs: its cameras are out of this round, and wait no longer than its grace.
    const graceLeft = this.registry.graceLeft(now, this.deps.graceMs);
    if (graceLeft !== null) this.placeLater(graceLeft + 50);
    const movable = cameras.filter((camera) => camera.workerId === null || !expected.has(camera.workerId));
    const { changes, loads, unsettled } = assignCameras(
      movable.map((camera) => ({
        id: camera.id,
        workerId: camera.workerId,
        rule: camera.placement,
        demand: this.registry.demandOf(camera),
      })),
      connected.map((worker) => ({ ...worker, capacity: this.registry.capacityOf(worker) })),
      // One round at a time.
      this.handovers.size > 0 ? { moves: 0 } : {},
    );
    for (const worker of connected) worker.committed = loads.get(worker.id) ?? null;
    for (const [cameraId, workerId] of changes) {
      const camera = cameras.find((candidate) => candidate.id === cameraId);
      if (!camera) continue;
      const { workerId: from, epoch } = camera;
      // The worker that has it runs it until the other does, where both are there and no other hand-over is under way.
      const handover = workerId !== null && from !== null && this.registry.get(from) !== undefined && !this.handovers.get(cameraId);
      camera.epoch = await this.deps.setCameraWorker(cameraId, workerId, handover);
      camera.workerId = workerId;
      if (handover) this.handovers.begin({ cameraId, from, epoch, to: workerId, nextEpoch: camera.epoch, since: Date.now() });
      else {
        this.handovers.end(cameraId);
        this.registry.forgetStatus(cameraId);
      }
    }
    const enabled = new Set(cameras.map((camera) => camera.id));
    for (const status of this.registry.cameraStatuses()) if (!enabled.has(status.cameraId)) this.registry.forgetStatus(status.cameraId);
    // Those who lose a camera hear of it before those who get it.
    const assigned = connected.map((worker) => ({ worker, own: this.assignedTo(worker.id, cameras) }));
    const loses = ({ worker, own }: (typeof assigned)[number]): boolean =>
      [...worker.cameras].some((id) => !own.some((camera) => camera.id === id));
    for (const group of [assigned.filter(loses), assigned.filter((each) => !loses(each))])
      await Promise.all(group.map(({ worker, own }) => this.sendAssignment(worker, own)));
    if (changes.size > 0) this.changed("cameras");
    if (unsettled) this.placeLater(NEXT_ROUND_MS);
  }

  /** What a worker is to run: also what it gives away, until the other runs it. */
  private assignedTo(workerId: string, cameras: readonly PlacedCameraRow[]): AssignedCamera[] {
    return cameras.flatMap(({ workerId: owner, placement: _, ...camera }) => {
      if (owner === workerId) return [camera];
      const handover = this.handovers.get(camera.id);
      return handover?.from === workerId ? [{ ...camera, epoch: handover.epoch }] : [];
    });
  }

  private async finishHandover(cameraId: string): Promise<void> {
    const handover = this.handovers.get(cameraId);
    if (!handover || this.handovers.ending.has(handover)) return;
    this.handovers.ending.add(handover);
    try {
      await this.deps.activateLease(cameraId, handover.nextEpoch);
    } catch (error) {
      // It is tried again with the next report.
      this.deps.logger.warn({ error: (error as Error).message }, "a hand-over could not be noted");
      this.handovers.ending.delete(handover);
      return;
    }
    // Meanwhile the camera may have gone elsewhere.
    if (this.handovers.has(handover)) {
      this.handovers.end(cameraId);
      this.registry.believe(cameraId, handover.to);
    }
    await this.place();
  }

  /** The worker that a camera was to go to is gone: the one that still runs it keeps it. */
  private async takeBack(handover: Handover): Promise<void> {
    if (!this.handovers.has(handover)) return;
    this.handovers.end(handover.cameraId);
    await this.deps.setCameraWorker(handover.cameraId, handover.from, false).catch((error: Error) => {
      this.deps.logger.warn({ error: error.message }, "a camera could not be given back");
    });
    await this.place();
  }

  /** Has a worker's cameras run elsewhere, as far as they can. Returns how many do. */
  private async letGo(workerId: string): Promise<number> {
    const worker = this.registry.get(workerId);
    if (!worker) return 0;
    worker.draining = true;
    worker.leaving = true;
    const before = worker.cameras.size;
    const until = Date.now() + LEAVE_MS;
    await this.place();
    while (this.handovers.from(workerId).length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    return before - worker.cameras.size;
  }

  private tick(): void {
    for (const { cameraId } of this.handovers.overdue(Date.now(), HANDOVER_MS)) void this.finishHandover(cameraId);
    this.sendStatuses();
  }

  private async sendAssignment(worker: ConnectedWorker, own: AssignedCamera[]): Promise<void> {
    worker.cameras = new Set(own.map((camera) => camera.id));
    try {
      // Placement must not wait for one that dies meanwhile.
      const answer = await unlessLost(worker.socket, askEvent(worker.socket, gatewayToWorker, "assignment", { cameras: own }, 10_000));
      if (!answer.ok) throw AppError.fromInfo(answer.error);
    } catch (error) {
      this.deps.logger.warn({ worker: worker.id, error: (error as Error).message }, "the worker did not take its cameras; trying again");
      if (worker.socket.connected) this.placeLater(2000);
      return;
    }
    sendEvent(worker.socket, gatewayToWorker, "watch", this.watchers.interestIn(worker.cameras));
  }
}

/** What a worker answers; rejects as soon as it has left. */
async function unlessLost<T>(socket: Socket, answer: Promise<T>): Promise<T> {
  if (!socket.connected) throw new Error("it has left");
  let left = (): void => {};
  const lost = new Promise<never>((_, reject) => {
    left = () => reject(new Error("it has left"));
  });
  socket.once("disconnect", left);
  try {
    return await Promise.race([answer, lost]);
  } finally {
    socket.off("disconnect", left);
  }
}

const headersOf = ({ handshake: { headers } }: Socket): Headers => new Headers({ cookie: headers.cookie ?? "", host: headers.host ?? "" });

/** socket.io sends `data` of an error to the client. */
function withInfo(error: unknown): Error {
  const app = AppError.from(error);
  return Object.assign(new Error(app.message), { data: app.toInfo() });
}
