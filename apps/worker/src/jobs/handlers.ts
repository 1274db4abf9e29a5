import type { StageWeights } from "@octet/precision/progress/staged-progress";
import type { JobKind, JobPayload, JobResult } from "@octet/shared/domain/job";
import { AppError } from "@octet/shared/errors";
import type { JobContext } from "./job-context.ts";

export interface JobHandler<K extends JobKind> {
  /** What it does in order, with each part's share of the time, roughly. */
  stages: StageWeights;
  run(payload: JobPayload<K>, context: JobContext): Promise<JobResult<K>>;
}

/** Each is loaded by the process that needs it: a look at a model need not wait for all that a benchmark takes. */
const handlers: { [K in Exclude<JobKind, "collect">]: () => Promise<JobHandler<K>> } = {
  inspect: async () => (await import("./handlers/inspect.ts")).inspect,
  build: async () => (await import("./handlers/build.ts")).build,
  validate: async () => (await import("./handlers/validate.ts")).validate,
  benchmark: async () => (await import("./handlers/benchmark.ts")).benchmark,
  import: async () => (await import("./handlers/import.ts")).importFiles,
};

/** @throws AppError UNSUPPORTED for a job that runs beside the live path, whose frames it needs */
export async function loadHandler(kind: JobKind): Promise<JobHandler<JobKind>> {
  if (kind === "collect") throw new AppError("UNSUPPORTED", `A job of kind "${kind}" has no process of its own`);
  return handlers[kind]() as Promise<JobHandler<JobKind>>;
}
