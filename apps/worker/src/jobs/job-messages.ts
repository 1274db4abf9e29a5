import type { Provider } from "@octet/inference/session-messages";
import type { JobKind, JobProgress } from "@octet/shared/domain/job";
import type { ErrorInfo } from "@octet/shared/errors";

/** How a job's process speaks to the worker's API of files, and what it measures with. */
export interface JobSettings {
  url: string;
  token: string;
  /** The worker's folder. */
  home: string;
  /** Names the program in results. */
  tool: string;
  provider: Provider;
  /** Inference threads of the worker: what a benchmark measures with. */
  inferThreads: number;
  mediaThreads: number;
  decodeInPool: boolean;
}

/** To a job's process, once, when it is ready. */
export interface StartMessage {
  kind: JobKind;
  payload: unknown;
  /** Its own folder, removed after it. */
  folder: string;
  settings: JobSettings;
}

export type FromJobProcess =
  | { type: "ready" }
  | { type: "progress"; progress: JobProgress }
  | { type: "log"; line: string }
  | { type: "done"; result: unknown }
  | { type: "failed"; error: ErrorInfo };
