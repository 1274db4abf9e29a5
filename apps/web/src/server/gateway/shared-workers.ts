import type { JobKind } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import type { Placer } from "../placement/placer.ts";
import type { Peer } from "../replicas/peer.ts";
import type { SharedTelemetry, SharedWorker } from "../replicas/replica-events.ts";
import type { Replicas } from "../replicas/replicas.ts";
import type { Handovers } from "./handovers.ts";
import type { SharedInterest } from "./interest.ts";
import type { LiveFanOut } from "./live-fan-out.ts";
import { RemoteWorkerLink } from "./worker-link.ts";
import type { ConnectedWorker, WorkerRegistry } from "./worker-registry.ts";

export interface SharedWorkersOptions {
  registry: WorkerRegistry;
  handovers: Handovers;
  placer: Placer;
  interest: SharedInterest;
  fanOut: LiveFanOut;
  replicas: Replicas;
  /** To browsers of this process. */
  tellBrowsers: { changed(payload: unknown): void; job(payload: unknown): void };
  checkTokens(): Promise<void>;
  checkSessions(): Promise<void>;
}

export function shared({ link: _link, reported: _reported, labels, cameras, jobKinds, ...rest }: ConnectedWorker): SharedWorker {
  return { ...rest, labels: [...labels], cameras: [...cameras], jobKinds: [...jobKinds] };
}

/** All that it has said, for a replica that knows nothing of it. */
function toldBy({ load, reported }: ConnectedWorker): SharedTelemetry | null {
  return load && { load, cameras: [...reported.values()] };
}

/** Shares this process's workers and browsers with the other replicas, and keeps theirs in the registry. */
export function shareWith(options: SharedWorkersOptions): { peerJoined(peer: Peer): void; peerLeft(peer: Peer): void } {
  const { registry, handovers, placer, interest, fanOut, replicas, tellBrowsers } = options;

  /** Returns whether it counts: of two connections of a worker the later one does. */
  const join = (peer: Peer, { labels, cameras, jobKinds, ...rest }: SharedWorker): boolean => {
    const before = registry.get(rest.id);
    if (before?.link.here && before.joinedAt > rest.joinedAt) return false;
    registry.join({
      ...rest,
      labels: new Set(labels),
      cameras: new Set(cameras),
      jobKinds: new Set(jobKinds as JobKind[]),
      link: new RemoteWorkerLink(peer, rest.id),
      reported: new Map(),
    });
    if (before?.link.here) before.link.disconnect();
    return true;
  };
  const report = (id: string, telemetry: SharedTelemetry): void => {
    placer.reported(id, telemetry.cameras);
    registry.report(id, telemetry, ({ cameraId }) => !handovers.awaits(cameraId, id));
  };
  const of = (peer: Peer, worker: ConnectedWorker | undefined): worker is ConnectedWorker =>
    worker?.link instanceof RemoteWorkerLink && worker.link.peer === peer;
  const here = (id: string): ConnectedWorker | undefined => {
    const worker = registry.get(id);
    return worker?.link.here ? worker : undefined;
  };

  const listen = (peer: Peer): void => {
    peer.on("state", ({ workers, leads, handovers: under, interest: add }) => {
      peer.leads = leads;
      // Only who leads knows.
      if (leads && !replicas.leads) for (const handover of under) handovers.begin(handover);
      for (const { worker, telemetry } of workers) if (join(peer, worker) && telemetry) report(worker.id, telemetry);
      interest.peerSaid(peer, { add, remove: { frames: [], previews: [], videos: [] } });
      if (replicas.leads || leads) void placer.place();
    });
    peer.on("workerJoined", (worker) => void join(peer, worker));
    peer.on("workerLeft", ({ id, joinedAt, leaving, silentMs }) => {
      const worker = registry.get(id);
      if (!of(peer, worker) || worker.joinedAt !== joinedAt) return;
      worker.leaving = leaving;
      registry.leave(id, worker.link, Date.now() - silentMs);
      placer.workerLeft(id, leaving, silentMs);
    });
    peer.on("telemetry", ({ workerId, telemetry }) => {
      if (of(peer, registry.get(workerId))) report(workerId, telemetry);
    });
    peer.on("draining", ({ workerId, draining, leaving }) => {
      const worker = registry.get(workerId);
      if (worker) Object.assign(worker, { draining, leaving });
    });
    peer.on("placed", (placed) => {
      for (const { workerId, committed, cameras } of placed) {
        const worker = registry.get(workerId);
        if (!worker) continue;
        worker.committed = committed;
        if (cameras) registry.setCameras(worker, new Set(cameras));
      }
    });
    peer.on("handoverBegan", (handover) => handovers.begin(handover));
    peer.on("handoverEnded", ({ cameraId, nextEpoch, taken }) => {
      const handover = handovers.get(cameraId);
      if (handover?.nextEpoch !== nextEpoch) return;
      handovers.end(cameraId);
      if (taken) registry.believe(cameraId, handover.to);
    });
    peer.on("interest", (change) => interest.peerSaid(peer, change));
    peer.on("frames", (frames) => fanOut.framesHere(frames));
    peer.on("video", (chunk) => fanOut.videoHere(chunk));
    peer.on("changed", (payload) => tellBrowsers.changed(payload));
    peer.on("job", (job) => tellBrowsers.job(job));
    peer.on("tokensChanged", () => void options.checkTokens());
    peer.on("sessionsChanged", () => void options.checkSessions());
    peer.on("toWorker", ({ workerId, event, payload }) => here(workerId)?.link.send(event as "watch", payload as never));
    peer.on("dropWorker", ({ workerId }) => here(workerId)?.link.disconnect());
    peer.onAsked("askWorker", async ({ workerId, event, payload, timeoutMs }) => {
      const worker = here(workerId);
      if (!worker) throw new AppError("WORKER_UNAVAILABLE", "It has left");
      return worker.link.ask(event as "probe", payload as never, timeoutMs);
    });
    // One that does not lead any more asks nobody else: the one that does places by itself.
    peer.onAsked("place", async () => (replicas.leads ? placer.place() : undefined));
    peer.onAsked("letGo", async ({ workerId }) => (replicas.leads ? placer.letGo(workerId) : 0));
  };

  return {
    peerJoined: (peer) => {
      listen(peer);
      peer.send("state", {
        workers: registry.here().map((worker) => ({ worker: shared(worker), telemetry: toldBy(worker) })),
        interest: interest.state(),
        leads: replicas.leads,
        handovers: handovers.all(),
      });
    },
    peerLeft: (peer) => {
      interest.peerLeft(peer);
      const now = Date.now();
      for (const worker of registry.all().filter((each) => of(peer, each))) {
        registry.leave(worker.id, worker.link, now);
        placer.workerLeft(worker.id, worker.leaving, 0);
      }
    },
  };
}
