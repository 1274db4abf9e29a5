import { AppError } from "@octet/shared/errors";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { AssignedCamera, GatewayToWorker, PromotedModel } from "@octet/shared/protocol/worker-protocol";
import type { GatewayDependencies, PlacedCameraRow } from "../gateway/dependencies.ts";
import type { Handover, Handovers } from "../gateway/handovers.ts";
import type { ConnectedWorker, WorkerRegistry } from "../gateway/worker-registry.ts";
import type { Replicas } from "../replicas/replicas.ts";
import type { Topic } from "../runtime.ts";
import { assignCameras, fits, type PlacedCamera, type PlacementWorker } from "./assign.ts";
import { type HostLoss, lossOf } from "./host-loss.ts";

/** What workers measured changes: now and then cameras are placed without any cause. */
const PLACE_EVERY_MS = 30_000;
/** Between rounds of moves that even out. */
const NEXT_ROUND_MS = 2000;
/** Longest that a worker gets ready while another runs the camera. */
const HANDOVER_MS = 15_000;
/** Longest that a worker that is about to end waits for its cameras to run elsewhere. */
const LEAVE_MS = 10_000;
/** Longest that others wait for what the leader does. */
const LEADER_MS = 15_000;

export interface PlacerOptions {
  deps: Pick<GatewayDependencies, "logger" | "listCameras" | "setCameraWorker" | "activateLease" | "activatePending" | "graceMs">;
  registry: WorkerRegistry;
  handovers: Handovers;
  replicas: Replicas;
  changed(topic: Topic): void;
  watchIn(cameraIds: ReadonlySet<string>): PayloadOf<GatewayToWorker, "watch">;
}

/** Thousands of cameras are placed in steps of some tens of milliseconds: frames are not to wait for all of them. */
const othersFirst = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Decides which worker runs which camera, in the one web process that leads; the others ask that one. */
export class Placer {
  private readonly options: PlacerOptions;
  private readonly ticker: NodeJS.Timeout;
  private placing: Promise<void> | null = null;
  private placeAgain = false;
  private timer: NodeJS.Timeout | null = null;
  private placeAt = 0;
  private closed = false;

  constructor(options: PlacerOptions) {
    this.options = options;
    this.ticker = setInterval(() => this.leads && void this.place(), PLACE_EVERY_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.ticker);
    if (this.timer) clearTimeout(this.timer);
    await this.placing;
  }

  private get leads(): boolean {
    return this.options.replicas.leads && !this.closed;
  }

  /** This process leads from now on. Cameras stay where they are; workers that are not back within their grace lose theirs. */
  async takeOver(): Promise<void> {
    const { deps, registry, handovers } = this.options;
    await deps.activatePending(new Set(handovers.all().map(({ cameraId, nextEpoch }) => `${cameraId} ${nextEpoch}`)));
    const cameras = await deps.listCameras();
    registry.expect(
      cameras.flatMap((camera) => camera.workerId ?? []),
      Date.now(),
    );
    for (const handover of handovers.all()) {
      if (!registry.get(handover.to)) void this.takeBack(handover);
      else if (!registry.get(handover.from)) void this.finishHandover(handover.cameraId);
    }
    this.placeLater(deps.graceMs + 50);
  }

  stepDown(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Places cameras, or has the leader do it. One placement at a time; calls that come meanwhile make one more. */
  async place(): Promise<void> {
    if (this.closed) return;
    if (!this.options.replicas.leads) {
      // Without a leader: the next one places anyway.
      await this.options.replicas
        .leader()
        ?.ask("place", null, LEADER_MS)
        .catch((error: Error) => this.options.deps.logger.warn({ error: error.message }, "the web process that leads did not place"));
      return;
    }
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
          this.options.deps.logger.error({ error: (error as Error).message }, "placement failed; trying again");
          this.placeLater(2000);
        }
      } while (this.placeAgain && this.leads);
    })().finally(() => {
      this.placing = null;
    });
    return this.placing;
  }

  /** Has a worker's cameras run elsewhere, as far as they can. Returns how many do. */
  async letGo(workerId: string): Promise<number> {
    const { registry, handovers, replicas } = this.options;
    if (!replicas.leads) return ((await replicas.leader()?.ask("letGo", { workerId }, LEADER_MS)) as number | undefined) ?? 0;
    const worker = registry.get(workerId);
    if (!worker) return 0;
    worker.draining = true;
    worker.leaving = true;
    replicas.tell("draining", { workerId, draining: true, leaving: true });
    const before = worker.cameras.size;
    const until = Date.now() + LEAVE_MS;
    await this.place();
    while (handovers.from(workerId).length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    // A hand-over that has ended is in what its worker is to run only once cameras were placed after it.
    await this.placing;
    return before - worker.cameras.size;
  }

  /** What a worker says shows that it runs what it got ready for. */
  reported(workerId: string, cameras: readonly { cameraId: string; state: string }[]): void {
    if (!this.leads || this.options.handovers.size === 0) return;
    for (const { cameraId, state } of cameras)
      if (state === "online" && this.options.handovers.awaits(cameraId, workerId)) void this.finishHandover(cameraId);
  }

  /** @param silentMs of a worker that fell silent the grace has begun with its silence */
  workerLeft(workerId: string, leaving: boolean, silentMs: number): void {
    if (!this.leads) return;
    // Its cameras wait for it a while, then go to others.
    if (leaving) void this.place();
    else this.placeLater(Math.max(0, this.options.deps.graceMs - silentMs) + 50);
    for (const { cameraId } of this.options.handovers.from(workerId)) void this.finishHandover(cameraId);
    for (const handover of this.options.handovers.to(workerId)) void this.takeBack(handover);
  }

  tick(): void {
    if (this.leads) for (const { cameraId } of this.options.handovers.overdue(Date.now(), HANDOVER_MS)) void this.finishHandover(cameraId);
  }

  /** Places in so long at the latest: an earlier one that is due stays due. */
  private placeLater(ms: number): void {
    const at = Date.now() + ms;
    if (!this.leads || (this.timer && this.placeAt <= at)) return;
    if (this.timer) clearTimeout(this.timer);
    this.placeAt = at;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.leads) void this.place();
    }, ms);
  }

  /** Where a worker's cameras would go; names are in the rows. Also where another process leads: all know all workers. */
  async ifLost(workerId: string): Promise<HostLoss & { rows: readonly PlacedCameraRow[] }> {
    const { deps, registry } = this.options;
    const rows = await deps.listCameras();
    const hosts = registry.all().map((worker) => this.host(worker));
    return {
      ...lossOf(
        workerId,
        rows.map((camera) => this.placed(camera)),
        hosts,
      ),
      rows,
    };
  }

  private placed(camera: PlacedCameraRow): PlacedCamera {
    const { id, workerId, placement: rule } = camera;
    return { id, workerId, rule, demand: this.options.registry.demandOf(camera) };
  }

  private host(worker: ConnectedWorker): PlacementWorker {
    return { ...worker, capacity: this.options.registry.capacityOf(worker) };
  }

  private async placeOnce(): Promise<void> {
    const { deps, registry, handovers, replicas } = this.options;
    const cameras = await deps.listCameras();
    await othersFirst();
    const connected = registry.all();
    const now = Date.now();
    const expected = registry.expected(now, deps.graceMs);
    // A worker that may be back in a moment keeps what it runs: its cameras are out of this round, and wait no longer than its grace.
    const graceLeft = registry.graceLeft(now, deps.graceMs);
    if (graceLeft !== null) this.placeLater(graceLeft + 50);
    const movable = cameras.filter((camera) => camera.workerId === null || !expected.has(camera.workerId));
    const { changes, loads, unsettled } = assignCameras(
      movable.map((camera) => this.placed(camera)),
      connected.map((worker) => this.host(worker)),
      // One round at a time.
      handovers.size > 0 ? { moves: 0 } : {},
    );
    for (const worker of connected) worker.committed = loads.get(worker.id) ?? null;
    const byId = new Map(cameras.map((camera) => [camera.id, camera]));
    for (const [cameraId, workerId] of changes) {
      // Another process may lead by now.
      if (!this.leads) return;
      const camera = byId.get(cameraId);
      if (!camera) continue;
      const before = handovers.get(cameraId);
      // Its end is being noted, and has cameras placed once more.
      if (before && handovers.ending.has(before)) continue;
      // Who runs it by now: of a hand-over, the one that gives it away.
      const from = before?.from ?? camera.workerId;
      const epoch = before?.epoch ?? camera.epoch;
      // It runs the camera until the other does, where both are there.
      const handover = workerId !== null && from !== null && from !== workerId && registry.get(from) !== undefined;
      camera.epoch = await deps.setCameraWorker(cameraId, workerId, handover);
      camera.workerId = workerId;
      if (before) this.endHandover(before, false);
      if (handover) {
        const began = { cameraId, from, epoch, to: workerId, nextEpoch: camera.epoch, since: Date.now() };
        handovers.begin(began);
        replicas.tell("handoverBegan", began);
        // What is given back to who runs it was never gone.
      } else if (from !== workerId) registry.forgetStatus(cameraId);
    }
    await othersFirst();
    if (!this.leads) return;
    for (const status of registry.cameraStatuses()) if (!byId.has(status.cameraId)) registry.forgetStatus(status.cameraId);
    // Those who lose a camera hear of it before those who get it.
    const assignments = this.assignments(cameras);
    const assigned = connected.map((worker) => ({ worker, own: assignments.get(worker.id) ?? [] }));
    const loses = ({ worker, own }: (typeof assigned)[number]): boolean => {
      const kept = new Set(own.map(({ id }) => id));
      return [...worker.cameras].some((id) => !kept.has(id));
    };
    const losing = new Set(assigned.filter(loses));
    const running = promotedModels(cameras);
    this.tellPlaced(assigned);
    for (const group of [[...losing], assigned.filter((each) => !losing.has(each))])
      await Promise.all(group.map(({ worker, own }) => this.sendAssignment(worker, own, modelsThatMayCome(worker, own, running))));
    if (changes.size > 0) this.options.changed("cameras");
    if (unsettled) this.placeLater(NEXT_ROUND_MS);
  }

  /** Has every replica know what workers are to run, before they hear of it. */
  private tellPlaced(assigned: readonly { worker: ConnectedWorker; own: readonly AssignedCamera[] }[]): void {
    const { registry, replicas } = this.options;
    const placed = assigned.map(({ worker, own }) => {
      const cameras = new Set(own.map(({ id }) => id));
      const same = cameras.size === worker.cameras.size && [...cameras].every((id) => worker.cameras.has(id));
      if (!same) registry.setCameras(worker, cameras);
      return { workerId: worker.id, committed: worker.committed, cameras: same ? null : [...cameras] };
    });
    replicas.tell("placed", placed);
  }

  /** What each worker is to run: also what it gives away, until the other runs it. */
  private assignments(cameras: readonly PlacedCameraRow[]): Map<string, AssignedCamera[]> {
    const assigned = new Map<string, AssignedCamera[]>();
    const assign = (workerId: string, camera: AssignedCamera): void => {
      const own = assigned.get(workerId);
      if (own) own.push(camera);
      else assigned.set(workerId, [camera]);
    };
    for (const { workerId, placement: _, tags: __, ...camera } of cameras) {
      const handover = this.options.handovers.get(camera.id);
      if (handover && handover.from !== workerId) assign(handover.from, { ...camera, epoch: handover.epoch });
      if (workerId !== null) assign(workerId, camera);
    }
    return assigned;
  }

  private endHandover(handover: Handover, taken: boolean): void {
    const { handovers, registry, replicas } = this.options;
    handovers.end(handover.cameraId);
    if (taken) registry.believe(handover.cameraId, handover.to);
    replicas.tell("handoverEnded", { cameraId: handover.cameraId, nextEpoch: handover.nextEpoch, taken });
  }

  private async finishHandover(cameraId: string): Promise<void> {
    const { handovers, deps } = this.options;
    const handover = handovers.get(cameraId);
    if (!handover || handovers.ending.has(handover)) return;
    handovers.ending.add(handover);
    try {
      await deps.activateLease(cameraId, handover.nextEpoch);
    } catch (error) {
      // It is tried again with the next report.
      deps.logger.warn({ error: (error as Error).message }, "a hand-over could not be noted");
      handovers.ending.delete(handover);
      return;
    }
    // Meanwhile the camera may have gone elsewhere.
    if (handovers.has(handover)) this.endHandover(handover, true);
    await this.place();
  }

  /** The worker that a camera was to go to is gone: the one that still runs it keeps it. */
  private async takeBack(handover: Handover): Promise<void> {
    const { handovers, deps } = this.options;
    if (!handovers.has(handover)) return;
    this.endHandover(handover, false);
    await deps.setCameraWorker(handover.cameraId, handover.from, false).catch((error: Error) => {
      deps.logger.warn({ error: error.message }, "a camera could not be given back");
    });
    await this.place();
  }

  private async sendAssignment(worker: ConnectedWorker, own: AssignedCamera[], prepare: PromotedModel[]): Promise<void> {
    try {
      // Placement must not wait for one that dies meanwhile.
      const answer = await worker.link.ask("assignment", { cameras: own, prepare }, 10_000);
      if (!answer.ok) throw AppError.fromInfo(answer.error);
    } catch (error) {
      this.options.deps.logger.warn(
        { worker: worker.id, error: (error as Error).message },
        "the worker did not take its cameras; trying again",
      );
      if (worker.link.connected) this.placeLater(2000);
      return;
    }
    worker.link.send("watch", this.options.watchIn(worker.cameras));
  }
}

/** A promoted model, and what its cameras ask of their worker. */
type Running = Pick<PlacedCameraRow, "placement"> & { model: PromotedModel };

/** Each once, however many cameras there are: a fleet has thousands, and looks at them for each of its workers. */
function promotedModels(cameras: readonly PlacedCameraRow[]): Running[] {
  const running = new Map<string, Running>();
  for (const { model, placement } of cameras) if (model) running.set(`${model.sha256} ${JSON.stringify(placement)}`, { model, placement });
  return [...running.values()];
}

/** Models that none of a worker's cameras runs on, but others' that it may run: should their host be lost, they come. */
function modelsThatMayCome({ labels }: ConnectedWorker, own: readonly AssignedCamera[], running: readonly Running[]): PromotedModel[] {
  const here = new Set(own.map(({ model }) => model?.sha256));
  const others = running.filter(({ model, placement }) => !here.has(model.sha256) && fits(placement, labels));
  return [...new Map(others.map(({ model }) => [model.sha256, model])).values()];
}
