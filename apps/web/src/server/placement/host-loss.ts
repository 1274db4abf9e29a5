import { assignCameras, type PlacedCamera, type PlacementWorker } from "./assign.ts";

/** Where a worker's cameras would go, were it lost now. */
export interface HostLoss {
  /** Ids of its cameras, and of those of them that no other worker may run. */
  cameras: string[];
  stranded: string[];
  /** The others, the fullest first: cameras that would come, and the share of its capacity that all of its would then ask for. */
  hosts: { workerId: string; gains: number; load: number }[];
}

/** By the rules that cameras are placed by. Above 1 a worker could not keep up, and would lower rates. Pure. */
export function lossOf(workerId: string, cameras: readonly PlacedCamera[], workers: readonly PlacementWorker[]): HostLoss {
  const own = cameras.filter((camera) => camera.workerId === workerId).map(({ id }) => id);
  const others = workers.filter(({ id }) => id !== workerId);
  const { changes, loads } = assignCameras(cameras, others, { moves: 0 });
  const gains = new Map<string | null, number>();
  for (const id of own) {
    const to = changes.get(id) ?? null;
    gains.set(to, (gains.get(to) ?? 0) + 1);
  }
  return {
    cameras: own,
    stranded: own.filter((id) => (changes.get(id) ?? null) === null),
    hosts: others
      .map(({ id }) => ({ workerId: id, gains: gains.get(id) ?? 0, load: loads.get(id) ?? 0 }))
      .sort((a, b) => b.load - a.load || (a.workerId < b.workerId ? -1 : 1)),
  };
}
