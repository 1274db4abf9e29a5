import { AppError } from "@octet/shared/errors";
import { onEvent } from "@octet/shared/protocol/typed-socket";
import { workerToGateway } from "@octet/shared/protocol/worker-protocol";
import type { Socket } from "socket.io";
import type { JobRuns } from "../jobs/dispatcher.ts";
import type { Placer } from "../placement/placer.ts";
import type { Replicas } from "../replicas/replicas.ts";
import type { Topic } from "../runtime.ts";
import type { GatewayDependencies } from "./dependencies.ts";
import type { DetectionStore } from "./detection-store.ts";
import type { Handovers } from "./handovers.ts";
import { HEARTBEAT } from "./heartbeat.ts";
import { onJobEvents } from "./job-events.ts";
import type { LiveFanOut } from "./live-fan-out.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { ShadowBuffer } from "./shadow-buffer.ts";
import { shared } from "./shared-workers.ts";
import { LocalWorkerLink } from "./worker-link.ts";
import type { ConnectedWorker, WorkerRegistry } from "./worker-registry.ts";

export interface WorkerSideOptions {
  deps: GatewayDependencies;
  registry: WorkerRegistry;
  handovers: Handovers;
  placer: Placer;
  fanOut: LiveFanOut;
  store: DetectionStore;
  metrics: GatewayMetrics;
  shadows: ShadowBuffer;
  replicas: Replicas;
  jobs(): JobRuns | null;
  changed(topic: Topic): void;
}

/** Serves a worker that has connected to this process. */
export function serveWorker(socket: Socket, options: WorkerSideOptions): void {
  const { deps, registry, handovers, placer, fanOut, store, metrics, shadows, replicas, changed } = options;
  const { logger } = deps;
  const link = new LocalWorkerLink(socket);
  let workerId: string | null = null;
  const fault = (error: AppError, event: string): void => logger.warn({ event, code: error.code, worker: workerId }, error.message);

  onEvent(
    socket,
    workerToGateway,
    "hello",
    async (hello) => {
      const other = registry.get(hello.workerId);
      // One that fell silent is gone within a heartbeat; then whoever was started in its place is let in.
      if (other && other.bootId !== hello.bootId)
        throw new AppError("CONFLICT", `Another worker, ${other.name}, is connected under this id`, {
          hint: "Each needs a folder of its own: set OCTET_HOME (or OCTET_WORKER_ID, where the folder is a copy).",
        });
      const away = (cause: unknown): never => {
        throw new AppError("DATABASE_UNAVAILABLE", "The database cannot be reached now", { cause });
      };
      const { draining } = await deps.saveWorker(hello).catch(away);
      const jobs = options.jobs();
      const stale = (await jobs?.joining(hello.workerId, hello.jobs).catch(away)) ?? [];
      workerId = hello.workerId;
      metrics.begin(hello.workerId, hello.bootId);
      const worker: ConnectedWorker = {
        id: hello.workerId,
        bootId: hello.bootId,
        name: hello.name,
        cores: hello.host.cpuCores,
        memoryBytes: hello.host.memoryBytes,
        budgetMs: hello.host.latencyBudgetMs ?? null,
        labels: new Set(hello.labels),
        draining,
        leaving: false,
        committed: null,
        link,
        joinedAt: Date.now(),
        load: null,
        reported: new Map(),
        cameras: new Set(),
        jobKinds: new Set(hello.jobKinds),
      };
      const before = registry.join(worker)?.link;
      // Another replica drops its own as it hears of this one.
      if (before !== link && before?.here) before.disconnect();
      replicas.tell("workerJoined", shared(worker));
      for (const run of stale) link.ask("cancelJob", run, 10_000).catch(() => {});
      jobs?.joined(hello.workerId);
      logger.info({ worker: hello.workerId, name: hello.name }, "worker joined");
      changed("workers");
      void placer.place();
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
        await store.store(records);
        return { ok: true as const, value: null };
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
      if (!workerId || registry.get(workerId)?.link !== link) return;
      const id = workerId;
      const { cameras, sentAt } = telemetry;
      // What a message takes on its way is little beside what matters of a clock.
      const load = sentAt === undefined ? telemetry.load : { ...telemetry.load, clockAheadMs: sentAt - Date.now() };
      placer.reported(id, cameras);
      registry.report(id, { cameras, load }, ({ cameraId }) => !handovers.awaits(cameraId, id));
      replicas.tell("telemetry", { workerId: id, telemetry: { cameras, load } });
      metrics.add(id, telemetry);
      shadows.add(telemetry.shadows);
    },
    fault,
  );
  onEvent(
    socket,
    workerToGateway,
    "shadowExample",
    (example) => {
      deps.addShadowExample(example).catch((error: Error) => logger.warn({ error: error.message }, "a shadow's example was lost"));
    },
    fault,
  );
  onEvent(
    socket,
    workerToGateway,
    "leaving",
    async () => ({ ok: true as const, value: { moved: workerId ? await placer.letGo(workerId) : 0 } }),
    fault,
  );
  /** Whether it only gets ready: another worker's pictures of the camera count. */
  const getsReady = (cameraId: string): boolean => workerId !== null && handovers.awaits(cameraId, workerId);
  onEvent(socket, workerToGateway, "frames", (frames) => fanOut.frames(frames.filter(({ cameraId }) => !getsReady(cameraId))), fault);
  onEvent(socket, workerToGateway, "video", (chunk) => (getsReady(chunk.cameraId) ? undefined : fanOut.video(chunk)), fault);
  onJobEvents(socket, () => workerId, options.jobs, fault);
  socket.on("disconnect", (reason) => {
    const worker = workerId === null ? undefined : registry.get(workerId);
    const leaving = worker?.leaving === true;
    const silentMs = reason === "ping timeout" ? HEARTBEAT.pingTimeout : 0;
    if (!workerId || !worker || !registry.leave(workerId, link, Date.now() - silentMs)) return;
    logger.warn({ worker: workerId, reason }, "worker left");
    replicas.tell("workerLeft", { id: workerId, joinedAt: worker.joinedAt, leaving, silentMs });
    changed("workers");
    void deps.workerLeft(workerId).catch(() => {});
    placer.workerLeft(workerId, leaving, silentMs);
  });
}
