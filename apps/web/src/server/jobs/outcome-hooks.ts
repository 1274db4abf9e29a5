import type { Transaction } from "@octet/db/client";
import type { Job, JobKind, JobPayload, JobResult } from "@octet/shared/domain/job";
import { addInspectedModel } from "../../features/models/mutations.ts";
import type { Topic } from "../runtime.ts";
import { benchmarkedProfile, builtProfile, collectedDataset, importedDataset, validatedProfile } from "./precision-outcomes.ts";

/** A job whose result is being taken. */
export interface EndedJob<K extends JobKind = JobKind> extends Job {
  kind: K;
  payload: JobPayload<K>;
  createdBy: string | null;
}

export type JobOutcomeHooks = {
  [K in JobKind]?: (tx: Transaction, job: EndedJob<K>, result: JobResult<K>) => Promise<void>;
};

/**
 * What a result does beside standing in the job's row, in the transaction that ends the job: both or neither. A hook that
 * throws makes the job failed with that error; where it throws because the database went away, the worker sends it again.
 */
export const jobOutcomeHooks: JobOutcomeHooks = {
  inspect: addInspectedModel,
  build: builtProfile,
  validate: validatedProfile,
  benchmark: benchmarkedProfile,
  collect: collectedDataset,
  import: importedDataset,
};

/** What browsers must read anew once a job of a kind is done. */
export const topicsOf: Record<JobKind, readonly Topic[]> = {
  inspect: ["models", "profiles"],
  build: ["profiles"],
  validate: ["profiles"],
  benchmark: ["profiles"],
  collect: ["datasets"],
  import: ["datasets"],
};
