import type { Job } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import { onEvent } from "@octet/shared/protocol/typed-socket";
import { workerToGateway } from "@octet/shared/protocol/worker-protocol";
import type { Socket } from "socket.io";
import type { JobLink, JobRuns, StartAnswer } from "../jobs/dispatcher.ts";
import type { Topic } from "../runtime.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

const START_TIMEOUT_MS = 10_000;

/** Has a worker's reports on its jobs go to the dispatcher. */
export function onJobEvents(
  socket: Socket,
  workerId: () => string | null,
  jobs: () => JobRuns | null,
  fault: (error: AppError, event: string) => void,
): void {
  onEvent(
    socket,
    workerToGateway,
    "jobProgress",
    (report) => {
      const id = workerId();
      if (id) jobs()?.progressed({ ...report, workerId: id });
    },
    fault,
  );
  onEvent(
    socket,
    workerToGateway,
    "jobEnded",
    async ({ jobId, attempt, outcome }) => {
      const [id, runs] = [workerId(), jobs()];
      if (!id || !runs) throw new AppError("WORKER_UNAVAILABLE", "Say hello first");
      try {
        return { ok: true as const, value: { taken: await runs.ended(id, { jobId, attempt }, outcome) } };
      } catch (cause) {
        throw new AppError("DATABASE_UNAVAILABLE", "The database cannot take the job's outcome now", { cause });
      }
    },
    fault,
  );
}

/** The dispatcher's way to workers and browsers. */
export function jobLink(registry: WorkerRegistry, tellJob: (job: Job) => void, changed: (topic: Topic) => void): JobLink {
  return {
    jobWorkers: () =>
      registry.all().flatMap(({ id, jobKinds, cameras, labels, leaving }) => (leaving ? [] : [{ id, kinds: jobKinds, cameras, labels }])),
    startJob: async (workerId, run): Promise<StartAnswer> => {
      const link = registry.get(workerId)?.link;
      if (!link) return { answer: "gone" };
      return link.ask("startJob", run, START_TIMEOUT_MS).then(
        (answer): StartAnswer => (answer.ok ? { answer: "taken" } : { answer: "refused", reason: answer.error.message }),
        (): StartAnswer => ({ answer: registry.get(workerId)?.link === link ? "silent" : "gone" }),
      );
    },
    cancelJob: (workerId, { jobId, attempt }) => {
      registry
        .get(workerId)
        ?.link.ask("cancelJob", { jobId, attempt }, START_TIMEOUT_MS)
        .catch(() => {});
    },
    tellJob,
    changed,
  };
}
