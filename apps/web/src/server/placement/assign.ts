export interface PlacedCamera {
  id: string;
  workerId: string | null;
}

export interface PlacementWorker {
  id: string;
  /** Relative size: a worker of weight 2 gets twice the cameras of one of weight 1. */
  weight: number;
}

/**
 * Which worker runs which camera. A camera stays where it is while its worker is there; one without goes to the
 * worker with the least load for its size. Then, while the fullest and the emptiest differ by more than one
 * camera's worth, cameras move one by one: no more than evens them out. Deterministic.
 *
 * @returns the cameras whose worker changes, with their new worker (null: there is none).
 */
export function assignCameras(cameras: readonly PlacedCamera[], workers: readonly PlacementWorker[]): Map<string, string | null> {
  const changes = new Map<string, string | null>();
  if (workers.length === 0) return changes;
  const hosts = new Map(workers.map((worker) => [worker.id, { ...worker, cameras: [] as string[] }]));
  const sorted = [...cameras].sort((a, b) => (a.id < b.id ? -1 : 1));
  const homeless: string[] = [];
  for (const camera of sorted) {
    const host = camera.workerId === null ? undefined : hosts.get(camera.workerId);
    if (host) host.cameras.push(camera.id);
    else homeless.push(camera.id);
  }
  type Host = { id: string; weight: number; cameras: string[] };
  /** Load of a host once it has `extra` more cameras. */
  const load = (host: Host, extra = 0): number => (host.cameras.length + extra) / host.weight;
  const byLoad = (extra: number) => (a: Host, b: Host) => load(a, extra) - load(b, extra) || (a.id < b.id ? -1 : 1);

  for (const id of homeless) {
    const host = [...hosts.values()].sort(byLoad(1))[0];
    if (!host) break;
    host.cameras.push(id);
    changes.set(id, host.id);
  }
  for (let moves = 0; moves < cameras.length; moves++) {
    const target = [...hosts.values()].sort(byLoad(1))[0];
    const source = [...hosts.values()].sort(byLoad(0)).at(-1);
    // Moving must leave the pair more even than it was, or cameras would swing to and fro.
    if (!target || !source || source === target || load(target, 1) >= load(source)) break;
    const moved = source.cameras.pop();
    if (moved === undefined) break;
    target.cameras.push(moved);
    changes.set(moved, target.id);
  }
  const before = new Map(cameras.map((camera) => [camera.id, camera.workerId]));
  for (const [id, workerId] of changes) if (before.get(id) === workerId) changes.delete(id);
  return changes;
}
