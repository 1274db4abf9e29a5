import type { AlarmKind } from "@octet/shared/domain/alarm";
import type { CameraState, CameraStatus, StreamProbe, Transport } from "@octet/shared/domain/camera";
import type { Health } from "@octet/shared/domain/worker";
import { AppError } from "@octet/shared/errors";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import { gatewayToBrowser, LIVE_NAMESPACE } from "@octet/shared/protocol/live-protocol";
import { sendEvent } from "@octet/shared/protocol/typed-socket";
import { type GatewayToWorker, WORKER_NAMESPACE } from "@octet/shared/protocol/worker-protocol";
import type { Namespace, Server, Socket } from "socket.io";
import type { AlarmSight } from "../alarms/facts.ts";
import type { JobLink, JobRuns } from "../jobs/dispatcher.ts";
import { Placer } from "../placement/placer.ts";
import { Replicas } from "../replicas/replicas.ts";
import type { GatewayPort, Topic } from "../runtime.ts";
import { admitBrowser, admitWorker, headersOf } from "./admission.ts";
import { serveBrowser } from "./browser-side.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import { DetectionStore } from "./detection-store.ts";
import { Handovers } from "./handovers.ts";
import { SharedInterest } from "./interest.ts";
import { jobLink } from "./job-events.ts";
import { LiveFanOut } from "./live-fan-out.ts";
import { GatewayMetrics } from "./metrics.ts";
import { ShadowBuffer } from "./shadow-buffer.ts";
import { shareWith } from "./shared-workers.ts";
import { StatusFeed, statusEvery } from "./status-feed.ts";
import { LocalWorkerLink } from "./worker-link.ts";
import { WorkerRegistry } from "./worker-registry.ts";
import { serveWorker } from "./worker-side.ts";

const PROBE_TIMEOUT_MS = 11_000;
const STATUS_EVERY_MS = 1000;
const TELL_WATCH_MS = 10;
const TAKE_OVER_AGAIN_MS = 1000;

/** The socket.io side of the server: workers on one namespace, browsers on another, and what replicas share of both. */
export class Gateway implements GatewayPort {
  private readonly deps: GatewayDependencies;
  private readonly replicas: Replicas;
  private readonly liveSpace: Namespace;
  private readonly registry = new WorkerRegistry();
  private readonly interest: SharedInterest;
  private readonly metricsOf = new GatewayMetrics();
  private readonly shadows: ShadowBuffer;
  private readonly placer: Placer;
  private readonly fanOut: LiveFanOut;
  private jobs: JobRuns | null = null;
  private readonly timer: NodeJS.Timeout;
  private readonly statusFeed = new StatusFeed();
  /** Seconds in which workers tell of each camera. */
  private statusEvery = 1;
  private watchTimer: NodeJS.Timeout | null = null;
  private started = false;
  private closed = false;

  /** @param replicas this process among others; by default it is alone */
  constructor(io: Server, deps: GatewayDependencies, replicas = new Replicas()) {
    this.deps = deps;
    this.replicas = replicas;
    this.shadows = new ShadowBuffer((reports) => deps.saveShadows(reports), deps.logger);
    const workersSpace = io.of(WORKER_NAMESPACE);
    this.liveSpace = io.of(LIVE_NAMESPACE);
    this.interest = new SharedInterest(replicas, () => this.tellWatch());
    const { registry, interest } = this;
    const handovers = new Handovers();
    this.fanOut = new LiveFanOut(this.liveSpace, interest);
    const changed = (topic: Topic): void => this.changed(topic);
    this.placer = new Placer({ deps, registry, handovers, replicas, changed, watchIn: (ids) => this.watchIn(ids) });
    const parts = { deps, registry, handovers, placer: this.placer, interest, fanOut: this.fanOut, replicas, changed };
    const store = new DetectionStore(deps.storeDetections, (result) => this.metricsOf.countStored(result));
    const workerSide = { ...parts, store, metrics: this.metricsOf, shadows: this.shadows, jobs: () => this.jobs };
    workersSpace.use((socket, next) => void admitWorker(socket, next, deps));
    workersSpace.on("connection", (socket) => serveWorker(socket, workerSide));
    this.liveSpace.use((socket, next) => void admitBrowser(socket, next, deps));
    this.liveSpace.on("connection", (socket) =>
      serveBrowser(socket, { interest, logger: deps.logger, sendStatuses: (to) => this.sendStatuses(to) }),
    );
    const peers = shareWith({
      ...parts,
      tellBrowsers: {
        changed: (payload) => this.liveSpace.to("status").emit("changed", payload),
        job: (payload) => this.liveSpace.to("status").emit("job", payload),
      },
      checkTokens: () => this.checkTokens(),
      checkSessions: () => this.checkSessions(),
    });
    replicas.listen({ ...peers, leads: (leads) => (leads ? void this.takeOver() : this.placer.stepDown()) });
    this.timer = setInterval(() => this.tick(), STATUS_EVERY_MS);
  }

  /** Who gives jobs to workers: hand it in before `start`. */
  serveJobs<T extends JobRuns>(create: (link: JobLink) => T): T {
    const tellJob: JobLink["tellJob"] = (job) => {
      sendEvent(this.liveSpace.to("status"), gatewayToBrowser, "job", job);
      this.replicas.tell("job", job);
    };
    const jobs = create(jobLink(this.registry, tellJob, (topic) => this.changed(topic)));
    this.jobs = jobs;
    return jobs;
  }

  /** Where it leads, reads who ran what, and gives cameras whose worker does not come back in time to others. */
  async start(): Promise<void> {
    this.started = true;
    if (this.replicas.leads) await this.placer.takeOver();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    if (this.watchTimer) clearTimeout(this.watchTimer);
    this.interest.close();
    this.fanOut.close();
    await this.placer.close();
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
    const connected = this.registry.all().map(({ id, cores, budgetMs, load }) => ({ id, cores, budgetMs, load }));
    return { statuses: this.registry.cameraStatuses(), connected, lost: this.registry.lost() };
  }

  async probe({ url, transport, workerId }: { url: string; transport: Transport; workerId?: string | null }): Promise<StreamProbe> {
    const worker = (workerId ? this.registry.get(workerId) : undefined) ?? this.registry.here()[0] ?? this.registry.all()[0];
    if (!worker)
      throw new AppError("WORKER_UNAVAILABLE", "No worker is connected, so nothing can open the stream", {
        hint: "Start a worker (see Workers) and try again.",
      });
    const answer = await worker.link.ask("probe", { url, transport }, PROBE_TIMEOUT_MS);
    if (!answer.ok) throw AppError.fromInfo(answer.error);
    return answer.value;
  }

  changed(topic: Topic): void {
    sendEvent(this.liveSpace.to("status"), gatewayToBrowser, "changed", { topic });
    this.replicas.tell("changed", { topic });
  }

  async camerasChanged(): Promise<void> {
    await this.placer.place();
    this.changed("cameras");
  }

  async workerDrains(id: string, draining: boolean): Promise<void> {
    const worker = this.registry.get(id);
    if (worker) {
      worker.draining = draining;
      this.replicas.tell("draining", { workerId: id, draining, leaving: worker.leaving });
    }
    await this.placer.place();
    this.changed("workers");
  }

  async ifLost(workerId: string): ReturnType<GatewayPort["ifLost"]> {
    const { cameras, stranded, hosts, rows } = await this.placer.ifLost(workerId);
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    return {
      cameras: cameras.length,
      stranded: stranded.map((id) => names.get(id) ?? id),
      hosts: hosts.map((host) => ({ ...host, name: this.registry.get(host.workerId)?.name ?? host.workerId })),
    };
  }

  async tokensChanged(): Promise<void> {
    this.replicas.tell("tokensChanged", null);
    await this.checkTokens();
  }

  async sessionsChanged(): Promise<void> {
    this.replicas.tell("sessionsChanged", null);
    await this.checkSessions();
  }

  async health(): Promise<Health> {
    const database = await this.deps.pingDatabase().then(
      () => "ok" as const,
      () => "down" as const,
    );
    const { total } = database === "ok" ? await this.deps.countCameras().catch(() => ({ total: 0 })) : { total: 0 };
    const statuses = this.registry.cameraStatuses();
    const online = statuses.filter((status) => status.state === "online").length;
    const workers = this.registry.all().length;
    const status =
      database === "down" ? "down" : workers === 0 || statuses.some((camera) => camera.state === "offline") ? "degraded" : "ok";
    return { status, database, gateway: this.closed ? "down" : "ok", workers, cameras: { online, total }, version: this.deps.version };
  }

  /** Of this process's workers; those that nobody runs are the leader's to tell: over all replicas the figures add up. */
  async metrics(): Promise<string> {
    const states: Record<CameraState, number> = { disabled: 0, waiting: 0, connecting: 0, online: 0, offline: 0 };
    const statuses = this.registry.cameraStatuses();
    for (const { state, workerId } of statuses) if (this.registry.get(workerId ?? "")?.link.here) states[state]++;
    const database = await this.deps.pingDatabase().then(
      () => true,
      () => false,
    );
    let alarms: Record<AlarmKind, number> | null = null;
    if (this.replicas.leads) {
      const unknown = { total: statuses.length, enabled: statuses.length };
      const { total, enabled } = await this.deps.countCameras().catch(() => unknown);
      states.disabled = Math.max(0, total - enabled);
      states.waiting = Math.max(0, enabled - statuses.length);
      alarms = database ? ((await this.deps.openAlarms?.().catch(() => null)) ?? null) : null;
    }
    const here = this.registry.here();
    this.metricsOf.setSite({ database, alarms });
    this.metricsOf.setGpus(here.map(({ name, load }) => ({ worker: name, gpus: load?.gpus ?? [] })));
    return this.metricsOf.text(states, here.length);
  }

  private async takeOver(): Promise<void> {
    if (!this.started) return;
    this.deps.logger.info("this web process leads: it places cameras");
    await this.placer.takeOver().catch((error: Error) => {
      this.deps.logger.warn({ error: error.message }, "could not read who runs what; trying again");
      setTimeout(() => this.replicas.leads && !this.closed && void this.takeOver(), TAKE_OVER_AGAIN_MS).unref();
    });
    await this.placer.place();
  }

  private async checkTokens(): Promise<void> {
    for (const { link } of this.registry.here()) {
      const token = link instanceof LocalWorkerLink ? link.socket.handshake.auth["token"] : undefined;
      if (!(await this.deps.verifyWorkerToken(String(token ?? "")))) link.disconnect();
    }
  }

  private async checkSessions(): Promise<void> {
    for (const socket of this.liveSpace.sockets.values())
      if (!(await this.deps.sessionOf(headersOf(socket)).catch(() => null))) socket.disconnect(true);
  }

  /** Each replica tells the workers that are connected to it. Screens change together: workers hear of it once. */
  private tellWatch(): void {
    this.watchTimer ??= setTimeout(() => {
      this.watchTimer = null;
      for (const { link, cameras } of this.registry.here()) link.send("watch", this.watchIn(cameras));
    }, TELL_WATCH_MS);
  }

  private watchIn(cameras: ReadonlySet<string>): PayloadOf<GatewayToWorker, "watch"> {
    return { ...this.interest.interestIn(cameras), statusEvery: this.statusEvery };
  }

  /** To a browser that has just come. */
  private sendStatuses(to: Socket): void {
    sendEvent(to, gatewayToBrowser, "cameraStatus", [...this.statusFeed.first(this.registry.cameraStatuses(), this.onScreenOf(to))]);
    sendEvent(to, gatewayToBrowser, "workerStatus", this.workers());
  }

  private onScreenOf(socket: Pick<Socket, "data">): CameraStatus[] {
    return ((socket.data["onScreen"] ?? []) as string[]).flatMap((id) => this.registry.statusOf(id) ?? []);
  }

  private tick(): void {
    this.placer.tick();
    const every = statusEvery(this.registry.cameraCount);
    if (every !== this.statusEvery) {
      this.statusEvery = every;
      this.tellWatch();
    }
    const { all, gone } = this.statusFeed.tick(this.registry.cameraStatuses());
    const browsers = this.liveSpace.to("status");
    if (all.length > 0) sendEvent(browsers, gatewayToBrowser, "cameraStatus", all);
    if (gone.length > 0) sendEvent(browsers, gatewayToBrowser, "cameraGone", gone);
    sendEvent(browsers, gatewayToBrowser, "workerStatus", this.workers());
    const told = new Set(all.map(({ cameraId }) => cameraId));
    for (const socket of this.liveSpace.sockets.values()) {
      if (!socket.rooms.has("status")) continue;
      const onScreen = this.onScreenOf(socket).filter(({ cameraId }) => !told.has(cameraId));
      if (onScreen.length > 0) sendEvent(socket, gatewayToBrowser, "cameraStatus", onScreen);
    }
  }
}
