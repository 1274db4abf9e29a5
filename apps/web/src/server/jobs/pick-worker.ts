import { type JobKind, type JobPayload, lightJobKinds } from "@octet/shared/domain/job";
import type { QuantizationTarget } from "@octet/shared/domain/profile";

export interface JobWorker {
  id: string;
  kinds: ReadonlySet<JobKind>;
  /** Cameras that it runs. */
  cameras: ReadonlySet<string>;
  /** Such as `provider=tensorrt`. */
  labels: ReadonlySet<string>;
}

/** Where what is made for a target is measured as it will run; elsewhere its latency, and its last digits, are another host's. */
const providersOf: Partial<Record<QuantizationTarget, readonly string[]>> = { tensorrt: ["tensorrt", "cuda"] };

/** 0: any host does, or this one is as good as none of the wanted. More is better. */
function suits({ labels }: JobWorker, target: QuantizationTarget | null): number {
  const providers = (target && providersOf[target]) ?? [];
  const place = providers.findIndex((provider) => labels.has(`provider=${provider}`));
  return place < 0 ? 0 : providers.length - place;
}

function targetOf({ kind, payload }: { kind: JobKind; payload: unknown }): QuantizationTarget | null {
  if (kind === "build") return (payload as JobPayload<"build">).options.target ?? null;
  return kind === "validate" || kind === "benchmark" ? ((payload as JobPayload<"validate" | "benchmark">).target ?? null) : null;
}

/**
 * Which worker a job goes to, or null where it must wait. One that names a worker waits for that. Frames are collected where the cameras run (most of them, if
 * they run in several places); what is made for TensorRT is built and proven where that runs, if anywhere; all else goes to
 * the worker with the fewest cameras, which it disturbs the least.
 *
 * @param busy workers that run a job which is not light
 * @param refused whether a worker has refused this job a moment ago
 */
export function pickWorker(
  job: { kind: JobKind; payload: unknown; onWorkerId?: string | null },
  workers: readonly JobWorker[],
  busy: ReadonlySet<string>,
  refused: (workerId: string) => boolean,
): string | null {
  const cameraIds = job.kind === "collect" ? (job.payload as { cameraIds: string[] }).cameraIds : null;
  const wanted = (worker: JobWorker): number => cameraIds?.filter((id) => worker.cameras.has(id)).length ?? 0;
  const target = targetOf(job);
  const able = workers.filter(({ id, kinds }) => kinds.has(job.kind) && (job.onWorkerId ?? id) === id);
  const most = Math.max(0, ...able.map((worker) => suits(worker, target)));
  const [best] = able
    .filter((worker) => suits(worker, target) === most && !refused(worker.id))
    .filter((worker) => lightJobKinds.has(job.kind) || !busy.has(worker.id))
    .filter((worker) => !cameraIds || wanted(worker) > 0)
    .sort((a, b) => wanted(b) - wanted(a) || a.cameras.size - b.cameras.size || (a.id < b.id ? -1 : 1));
  return best?.id ?? null;
}
