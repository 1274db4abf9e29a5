import path from "node:path";
import { modelFileName } from "@octet/precision/files/model-file-name";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import type { ArtifactClient } from "./artifacts.ts";
import type { JobSettings } from "./job-messages.ts";

/** What a handler has. */
export interface JobContext {
  artifacts: ArtifactClient;
  /** Its own folder, empty at first, removed after it. */
  folder: string;
  settings: JobSettings;
  /** `total` 0 where the stage has no steps. */
  progress(stage: string, done?: number, total?: number): void;
  log(line: string): void;
}

/**
 * A model's file in the job's folder, under the name that people know it by.
 * @throws AppError NOT_FOUND, WORKER_UNAVAILABLE
 */
export async function modelFile({ artifacts, folder }: JobContext, model: ArtifactRef & { name: string }, role: string): Promise<string> {
  const file = path.join(folder, role, modelFileName(model.name));
  await artifacts.place(model, file);
  return file;
}
