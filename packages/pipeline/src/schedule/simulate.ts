import { percentile } from "@octet/shared/percentile";
import { seededRandom } from "@octet/shared/seeded-random";
import { EventQueue } from "./event-queue.ts";
import { OverloadControl } from "./overload.ts";
import { Scheduler } from "./scheduler.ts";
import { ServiceModel } from "./service-model.ts";
import { hasTurn, isSpread, staggered, worthTelling } from "./stagger.ts";
import { WaitedShare } from "./waited-share.ts";

export interface SimulatedCamera {
  id: string;
  streamFps: number;
  detectFps: number;
  priority: number;
  /** Seconds at which it comes to this host and leaves it. */
  from: number;
  to: number;
}

export interface SimulatedHost {
  cameras: readonly SimulatedCamera[];
  sessions: number;
  maxBatch: number;
  holdMs: number;
  /** True ms of a run of so many frames at so many seconds; `random` is uniform, 0–1. */
  runMs(frames: number, atSecond: number, random: number): number;
  /** Decoding, scaling and the network, ms: what a frame is old when it is offered. */
  sourceMs(random: number): number;
  budgetMs: number;
  seconds: number;
  /** Results before it do not count: rates are still being found. */
  warmUpSeconds: number;
  seed: number;
  /** Frames a second that a camera gets at least. */
  floorFps: number;
}

export interface SimulatedResult {
  /** After the warm-up, like `lost`. */
  offered: number;
  inferred: number;
  /** Replaced by a newer frame of the same camera, or too late when its turn came. */
  lost: number;
  runs: number;
  /** ms from capture to results. */
  p50: number;
  p95: number;
  p99: number;
  most: number;
  /** Inferred frames a second by camera, over its time on the host after the warm-up. */
  rates: Map<string, number>;
  /** Share of the sessions' time in use. */
  busy: number;
}

type Event = { kind: "frame"; camera: Source } | { kind: "done"; session: number } | { kind: "ask" } | { kind: "second" };

interface Source {
  camera: SimulatedCamera;
  phase: number;
  rate: number;
  nextDue: number;
}

/**
 * One host in simulated time: its cameras' frames go through the very scheduler, service model and overload control that the
 * live pipeline uses. Deterministic by its seed.
 */
export function simulateHost(host: SimulatedHost): SimulatedResult {
  const random = seededRandom(host.seed);
  const scheduler = new Scheduler<"all", { capturedAt: number; camera: SimulatedCamera }>();
  const model = new ServiceModel();
  const control = new OverloadControl();
  const events = new EventQueue<Event>();
  const freeAt = Array.from({ length: host.sessions }, () => 0);
  const running: ({ capturedAt: number; waitMs: number; camera: SimulatedCamera }[] | null)[] = freeAt.map(() => null);
  const latencies: number[] = [];
  const inferredBy = new Map<string, number>();
  const result = { offered: 0, inferred: 0, lost: 0, runs: 0, busy: 0 };
  const last = { offered: 0, lost: 0 };
  const waited = new WaitedShare();
  let cold = { offered: 0, lost: 0 };
  const end = host.seconds * 1000;
  const warm = host.warmUpSeconds * 1000;
  const sources: Source[] = host.cameras.map((camera) => ({
    camera,
    phase: (random() * 1000) / camera.streamFps,
    rate: camera.detectFps,
    nextDue: camera.from * 1000 + (random() * 1000) / camera.detectFps,
  }));
  const present = ({ camera }: Source, now: number): boolean => now >= camera.from * 1000 && now < camera.to * 1000;

  /** The first frame of the stream that is due under the source's rate. */
  const plan = (source: Source, now: number): void => {
    if (source.rate <= 0) return;
    const frameMs = 1000 / source.camera.streamFps;
    const at = Math.max(now, source.nextDue);
    const capturedAt = Math.ceil((at - source.phase) / frameMs) * frameMs + source.phase;
    if (capturedAt >= Math.min(end, source.camera.to * 1000)) return;
    source.nextDue = Math.max(source.nextDue + 1000 / source.rate, capturedAt);
    events.push(capturedAt + host.sourceMs(random()), { kind: "frame", camera: { ...source, nextDue: capturedAt } });
  };
  const settle = (now: number): void => {
    result.lost += scheduler.expire(now, () => model.boundFor(1)).length;
    for (;;) {
      const idle = freeAt.filter((_, session) => running[session] === null).length;
      const decision = scheduler.next(now, () => ({
        runs: idle,
        idle,
        maxBatch: host.maxBatch,
        freeAt: Math.min(...freeAt),
        holdMs: host.holdMs,
        timeFor: (frames) => model.timeFor(frames) ?? 0,
      }));
      if (!decision) return;
      if ("waitMs" in decision) {
        events.push(now + Math.max(0.1, decision.waitMs), { kind: "ask" });
        return;
      }
      const session = running.indexOf(null);
      const ms = host.runMs(decision.batch.length, now / 1000, random());
      model.observe(decision.batch.length, ms);
      running[session] = decision.batch.map(({ frame, offeredAt }) => ({ ...frame, waitMs: now - offeredAt }));
      freeAt[session] = now + ms;
      result.runs++;
      if (now >= warm) result.busy += ms;
      events.push(now + ms, { kind: "done", session });
    }
  };

  const bySource = new Map(sources.map((source) => [source.camera.id, source]));
  for (const source of sources) plan(source, source.camera.from * 1000);
  for (let second = 1; second < host.seconds; second++) events.push(second * 1000, { kind: "second" });
  for (let next = events.pop(); next && next.at < end; next = events.pop()) {
    const { at: now, event } = next;
    if (event.kind === "frame") {
      const { camera, nextDue: capturedAt } = event.camera;
      const source = bySource.get(camera.id)!;
      plan(source, now);
      result.offered++;
      if (
        scheduler.offer(
          { cameraId: camera.id, group: "all", frame: { capturedAt, camera }, now, capturedAt, budgetMs: host.budgetMs },
          model.boundFor(1),
        )
      )
        result.lost++;
    } else if (event.kind === "done") {
      for (const { capturedAt, waitMs, camera } of running[event.session]!) {
        result.inferred++;
        waited.add({ waitMs, totalMs: now - capturedAt, budgetMs: host.budgetMs, intervalMs: 1000 / bySource.get(camera.id)!.rate });
        if (now < warm) continue;
        latencies.push(now - capturedAt);
        inferredBy.set(camera.id, (inferredBy.get(camera.id) ?? 0) + 1);
      }
      running[event.session] = null;
    } else if (event.kind === "second") {
      const perSecond = model.perSecond(host.maxBatch, host.budgetMs / 2);
      const here = sources.filter((source) => present(source, now));
      const { rates, settled } = control.read({
        claims: perSecond
          ? here.map(({ camera: { id, detectFps, priority } }) => ({
              id,
              asked: detectFps,
              floor: host.floorFps,
              priority,
              cost: 1 / (perSecond * host.sessions),
            }))
          : [],
        offered: result.offered - last.offered,
        lost: result.lost - last.lost,
        waited: waited.take(),
      });
      Object.assign(last, result);
      if (now <= warm) cold = { ...last };
      for (const [index, source] of here.entries()) {
        const rate = rates.get(source.camera.id) ?? source.camera.detectFps;
        const before = source.rate;
        const asked = source.camera.detectFps;
        const spread = isSpread(before, rate, asked, settled);
        if (!spread && !worthTelling(before, rate, asked, hasTurn(index, now / 1000))) continue;
        source.rate = rate;
        // As live: spread, or each keeps its phase.
        if (spread) source.nextDue = now + staggered(index, here.length, rate);
        else if (rate > 0) source.nextDue = now + (Math.max(0, source.nextDue - now) * before) / rate;
        if (before <= 0) plan(source, now);
      }
    }
    settle(now);
  }
  latencies.sort((a, b) => a - b);
  return {
    offered: result.offered - cold.offered,
    inferred: result.inferred,
    lost: result.lost - cold.lost,
    runs: result.runs,
    busy: result.busy / Math.max(1, (end - warm) * host.sessions),
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    p99: percentile(latencies, 0.99),
    most: latencies.at(-1) ?? 0,
    rates: new Map(
      host.cameras.map(({ id, from, to }) => {
        const seconds = Math.min(host.seconds, to) - Math.max(host.warmUpSeconds, from);
        return [id, seconds > 0 ? (inferredBy.get(id) ?? 0) / seconds : 0];
      }),
    ),
  };
}
