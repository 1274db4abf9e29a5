import { StagedProgress, type StageWeights } from "@octet/precision/progress/staged-progress";
import { type JobProgressView, startJobProgress } from "./job-progress.ts";
import type { Output } from "./output.ts";

export interface LocalProgress {
  view: JobProgressView;
  onProgress(stage: string, done: number, total: number): void;
}

/** Work of this process, shown as a job on a worker is. */
export function localProgress(title: string, stages: StageWeights, output: Output): LocalProgress {
  const view = startJobProgress(title, output);
  const staged = new StagedProgress(stages);
  return { view, onProgress: (stage, done, total) => view.update(staged.report(stage, done, total)) };
}
