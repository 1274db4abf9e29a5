/** The process of one job: waits for its order, works, answers, ends. Started by `child-run.ts` through `job-bootstrap.mjs`. */
import path from "node:path";
import { StagedProgress } from "@octet/precision/progress/staged-progress";
import { type JobProgress, jobDefinitions } from "@octet/shared/domain/job";
import { AppError, type ErrorInfo } from "@octet/shared/errors";
import { useTemporaryFolder } from "../env.ts";
import { ArtifactClient, CACHE_BYTES } from "./artifacts.ts";
import { loadHandler } from "./handlers.ts";
import type { JobContext } from "./job-context.ts";
import type { FromJobProcess, StartMessage } from "./job-messages.ts";

/** Between two messages of progress, ms; a change of stage is told at once. */
const PROGRESS_MS = 100;

const send = (message: FromJobProcess): Promise<void> => new Promise((resolve) => process.send?.(message, () => resolve()) ?? resolve());

function progressSender(): (progress: JobProgress) => void {
  let last: { at: number; stage: string } | null = null;
  return (progress) => {
    const now = performance.now();
    if (last && last.stage === progress.stage && now - last.at < PROGRESS_MS) return;
    last = { at: now, stage: progress.stage };
    void send({ type: "progress", progress });
  };
}

async function work({ kind, payload, folder, settings }: StartMessage): Promise<unknown> {
  // Not at the start: the compiler's own cache is one for all, while what a job leaves goes when it is killed, too.
  useTemporaryFolder(folder);
  const { run, stages } = await loadHandler(kind);
  const progress = new StagedProgress(stages);
  const tell = progressSender();
  const context: JobContext = {
    artifacts: await ArtifactClient.create({
      url: settings.url,
      token: settings.token,
      folder: path.join(settings.home, "cache"),
      maxBytes: CACHE_BYTES,
    }),
    folder,
    settings,
    progress: (stage, done = 0, total = 0) => tell(progress.report(stage, done, total)),
    log: (line) => void send({ type: "log", line }),
  };
  // What leaves is checked here, where a fault names the job's own code and not the gateway's.
  return jobDefinitions[kind].result.parse(await run(jobDefinitions[kind].payload.parse(payload) as never, context));
}

/** Paths of this host are no business of who reads the error. */
function withoutPaths(error: ErrorInfo, { folder, settings: { home } }: StartMessage): ErrorInfo {
  const cache = path.join(home, "cache", "datasets").replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const clean = (text: string) =>
    text.replaceAll(`${folder}${path.sep}`, "").replaceAll(new RegExp(`${cache}[/\\\\][0-9a-f]{64}[/\\\\]?`, "g"), "");
  return { code: error.code, message: clean(error.message), ...(error.hint ? { hint: clean(error.hint) } : {}) };
}

process.once("message", async (order: StartMessage) => {
  try {
    await send({ type: "done", result: await work(order) });
  } catch (error) {
    await send({ type: "failed", error: withoutPaths(AppError.from(error).toInfo(), order) });
  }
  process.exit(0);
});
// Without the worker nobody waits for it, and it would run beside its own repetition.
process.on("disconnect", () => process.exit(1));
void send({ type: "ready" });
