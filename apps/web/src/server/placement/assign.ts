import type { Capacity, PlacementRule } from "@octet/shared/domain/placement";

/** What a camera asks of its worker. */
export interface Demand {
  detectionsPerSecond: number;
  /** Decoded pixels. */
  pixelsPerSecond: number;
  memoryBytes: number;
}

export interface PlacedCamera {
  id: string;
  workerId: string | null;
  rule: PlacementRule;
  demand: Demand;
}

export interface PlacementWorker {
  id: string;
  labels: ReadonlySet<string>;
  capacity: Omit<Capacity, "detectionsPerSecond"> & { detectionsPerSecond: number };
  /** It keeps what can run nowhere else, and gets nothing. */
  draining: boolean;
}

export interface AssignOptions {
  /** Cameras that may move for the sake of evenness alone, in one round. Default: a tenth, and at least four. */
  moves?: number;
}

export interface Assignment {
  /** Cameras whose worker changes; null: none may run it. */
  changes: Map<string, string | null>;
  /** Share of each worker's capacity that its cameras ask for, once this is done: above 1 it cannot keep up. */
  loads: Map<string, number>;
  /** Whether another round would move more. */
  unsettled: boolean;
}

/** Cameras do not move for less than this share of the fuller worker's load: figures that were measured waver. */
const GAIN = 0.1;

interface Host {
  worker: PlacementWorker;
  cameras: PlacedCamera[];
  sum: Demand;
}

/**
 * Which worker runs which camera. A camera stays while its worker is there, is not draining and has the labels for it; one
 * without goes to a worker that has room and the labels that it prefers, then to one with room, then to the least loaded
 * (overload is for the worker to share out: it lowers the rate of all). Then cameras move from fuller to emptier workers, a
 * few a round and only where that evens them out noticeably. Deterministic.
 */
export function assignCameras(
  cameras: readonly PlacedCamera[],
  workers: readonly PlacementWorker[],
  { moves = Math.max(4, Math.ceil(cameras.length / 10)) }: AssignOptions = {},
): Assignment {
  const hosts = new Map(
    [...workers]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((worker): [string, Host] => [
        worker.id,
        { worker, cameras: [], sum: { detectionsPerSecond: 0, pixelsPerSecond: 0, memoryBytes: 0 } },
      ]),
  );
  const placed = new Map<string, string | null>();
  const homeless: PlacedCamera[] = [];
  for (const camera of [...cameras].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const host = camera.workerId === null ? undefined : hosts.get(camera.workerId);
    if (host && mayRun(camera, host.worker)) put(camera, host, placed);
    else homeless.push(camera);
  }
  // The heaviest first: a light one still finds room in what they leave.
  homeless.sort(
    (a, b) => b.demand.pixelsPerSecond - a.demand.pixelsPerSecond || b.demand.detectionsPerSecond - a.demand.detectionsPerSecond,
  );
  for (const camera of homeless) {
    const host = bestHost(camera, hosts.values()) ?? fallback(camera, hosts);
    if (host) put(camera, host, placed);
    else placed.set(camera.id, null);
  }
  let unsettled = false;
  for (let move = 0; ; move++) {
    const next = evenOut([...hosts.values()]);
    if (!next) break;
    unsettled = move >= moves;
    if (unsettled) break;
    take(next.camera, next.from);
    put(next.camera, next.to, placed);
  }
  const changes = new Map<string, string | null>();
  for (const camera of cameras) {
    const workerId = placed.get(camera.id) ?? null;
    if (workerId !== camera.workerId) changes.set(camera.id, workerId);
  }
  return { changes, loads: new Map([...hosts].map(([id, host]) => [id, loadOf(host)])), unsettled };
}

/** Share of a worker's capacity that a sum of demands asks for: of what is scarcest there. */
export function share({ capacity }: Pick<PlacementWorker, "capacity">, demand: Demand): number {
  const infer = demand.detectionsPerSecond / capacity.detectionsPerSecond;
  const decode = capacity.pixelsPerSecond === null ? 0 : demand.pixelsPerSecond / capacity.pixelsPerSecond;
  const memory = demand.memoryBytes / capacity.memoryBytes;
  return Math.max(capacity.sharedCores ? infer + decode : Math.max(infer, decode), memory);
}

function mayRun({ rule }: PlacedCamera, { labels, draining }: PlacementWorker): boolean {
  return !draining && fits(rule, labels);
}

/** Whether a worker has the labels that a camera requires, and none that it excludes. */
export const fits = ({ require, exclude }: PlacementRule, labels: ReadonlySet<string>): boolean =>
  require.every((label) => labels.has(label)) && !exclude.some((label) => labels.has(label));

/** How many of the labels that it prefers a worker lacks. */
const missed = ({ rule }: PlacedCamera, { labels }: PlacementWorker): number => rule.prefer.filter((label) => !labels.has(label)).length;

function bestHost(camera: PlacedCamera, hosts: Iterable<Host>): Host | null {
  let best: { host: Host; full: boolean; missed: number; load: number } | null = null;
  for (const host of hosts) {
    if (!mayRun(camera, host.worker)) continue;
    const load = loadOf(host, camera, 1);
    const candidate = { host, full: load > 1, missed: missed(camera, host.worker), load };
    if (!best || before(candidate, best)) best = candidate;
  }
  return best?.host ?? null;
}

const before = (a: { full: boolean; missed: number; load: number }, b: typeof a): boolean =>
  a.full !== b.full ? !a.full : !a.full && a.missed !== b.missed ? a.missed < b.missed : a.load < b.load - 1e-9;

/** A camera that may run nowhere else stays on a worker that is about to go, as long as that is there. */
function fallback(camera: PlacedCamera, hosts: ReadonlyMap<string, Host>): Host | null {
  const host = camera.workerId === null ? undefined : hosts.get(camera.workerId);
  return host && fits(camera.rule, host.worker.labels) ? host : null;
}

/** The move that helps most: away from the fullest worker that can give something. */
function evenOut(hosts: readonly Host[]): { camera: PlacedCamera; from: Host; to: Host } | null {
  const byLoad = hosts
    .filter(({ worker }) => !worker.draining)
    .sort((a, b) => loadOf(b) - loadOf(a) || (a.worker.id < b.worker.id ? -1 : 1));
  for (const from of byLoad) {
    const full = loadOf(from);
    let best: { camera: PlacedCamera; to: Host; peak: number } | null = null;
    for (const to of [...byLoad].reverse()) {
      if (loadOf(to) >= full * (1 - GAIN)) break;
      for (const camera of from.cameras) {
        if (!mayRun(camera, to.worker) || missed(camera, to.worker) > missed(camera, from.worker)) continue;
        const after = loadOf(to, camera, 1);
        const peak = Math.max(after, loadOf(from, camera, -1));
        if (after <= full * (1 - GAIN) && (!best || peak < best.peak - 1e-9)) best = { camera, to, peak };
      }
      // The emptiest that can take one will do: the others would only be fuller.
      if (best) break;
    }
    if (best) return { from, ...best };
  }
  return null;
}

function put(camera: PlacedCamera, host: Host, placed: Map<string, string | null>): void {
  host.cameras.push(camera);
  host.sum = added(host.sum, camera.demand, 1);
  placed.set(camera.id, host.worker.id);
}

function take(camera: PlacedCamera, host: Host): void {
  host.cameras.splice(host.cameras.indexOf(camera), 1);
  host.sum = added(host.sum, camera.demand, -1);
}

/** Load of a host, with a camera more (1) or less (−1). */
function loadOf({ worker, sum }: Host, camera?: PlacedCamera, sign: 1 | -1 = 1): number {
  return share(worker, camera ? added(sum, camera.demand, sign) : sum);
}

const added = (a: Demand, b: Demand, sign: 1 | -1): Demand => ({
  detectionsPerSecond: a.detectionsPerSecond + sign * b.detectionsPerSecond,
  pixelsPerSecond: a.pixelsPerSecond + sign * b.pixelsPerSecond,
  memoryBytes: a.memoryBytes + sign * b.memoryBytes,
});
