import { type JobKind, lightJobKinds } from "@octet/shared/domain/job";

export interface JobWorker {
  id: string;
  kinds: ReadonlySet<JobKind>;
  /** Cameras that it runs. */
  cameras: ReadonlySet<string>;
}

/**
 * Which worker a job goes to, or null where it must wait. Frames are collected where the cameras run (most of them, if
 * they run in several places); all else goes to the worker with the fewest cameras, which it disturbs the least.
 *
 * @param busy workers that run a job which is not light
 * @param refused whether a worker has refused this job a moment ago
 */
export function pickWorker(
  job: { kind: JobKind; payload: unknown },
  workers: readonly JobWorker[],
  busy: ReadonlySet<string>,
  refused: (workerId: string) => boolean,
): string | null {
  const cameraIds = job.kind === "collect" ? (job.payload as { cameraIds: string[] }).cameraIds : null;
  const wanted = (worker: JobWorker): number => cameraIds?.filter((id) => worker.cameras.has(id)).length ?? 0;
  const [best] = workers
    .filter((worker) => worker.kinds.has(job.kind) && !refused(worker.id))
    .filter((worker) => lightJobKinds.has(job.kind) || !busy.has(worker.id))
    .filter((worker) => !cameraIds || wanted(worker) > 0)
    .sort((a, b) => wanted(b) - wanted(a) || a.cameras.size - b.cameras.size || (a.id < b.id ? -1 : 1));
  return best?.id ?? null;
}
