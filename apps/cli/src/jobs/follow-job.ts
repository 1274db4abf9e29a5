import { AppError } from "@octet/shared/errors";
import type { OctetApi } from "../server/api.ts";
import { isUnreachable } from "../server/server-error.ts";
import { type JobDetail, jobById } from "../server/jobs.ts";
import { startJobProgress } from "../output/job-progress.ts";
import type { Output } from "../output/output.ts";

export interface FollowOptions {
  api: OctetApi;
  jobId: string;
  output: Output;
  /** Give its log's lines as they come. */
  showLog: boolean;
}

const POLL_MS = 500;
/** A server that restarts comes back; the job goes on meanwhile. */
const AWAY_MS = 120_000;
const LOG_LINES = 200;

/**
 * Waits for a job, and shows how far it is. Ctrl-C ends the waiting and leaves the job.
 * @returns the job as it ended, or null where it was left
 * @throws AppError NOT_FOUND, and where the server is away for long
 */
export async function followJob({ api, jobId, output, showLog }: FollowOptions): Promise<JobDetail | null> {
  const left = new AbortController();
  const leave = () => left.abort();
  process.once("SIGINT", leave);
  let view: ReturnType<typeof startJobProgress> | null = null;
  let awaySince: number | null = null;
  let lastLine = 0n;
  try {
    while (!left.signal.aborted) {
      try {
        const job = await jobById(api, jobId, showLog ? LOG_LINES : 0);
        awaySince = null;
        view ??= startJobProgress(job.title, output);
        for (const { id, text } of job.log.lines) {
          if (BigInt(id) <= lastLine) continue;
          lastLine = BigInt(id);
          view.say(text);
        }
        if (job.state !== "queued" && job.state !== "running") return job;
        view.update(job);
      } catch (error) {
        const failure = AppError.from(error);
        if (!isUnreachable(failure) && failure.code !== "DATABASE_UNAVAILABLE") throw failure;
        awaySince ??= performance.now();
        if (performance.now() - awaySince > AWAY_MS) throw failure;
      }
      await pause(POLL_MS, left.signal);
    }
    return null;
  } finally {
    process.off("SIGINT", leave);
    view?.finish();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
