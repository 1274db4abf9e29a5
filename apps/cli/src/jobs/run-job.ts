import type { CommandContext } from "../context.ts";
import { exitCodes } from "../output/output.ts";
import { type ServerPlace, whereOf } from "../place/place.ts";
import type { JobDetail } from "../server/jobs.ts";
import { followJob } from "./follow-job.ts";

export interface RunJobOptions {
  jobId: string;
  wait: boolean;
  showLog?: boolean;
  /** Goes into every document, besides the server and the job. */
  document?: object;
  /** What the job's good end is to say. */
  done(job: JobDetail): Promise<{ document: object; text: string }>;
}

/** What programs are told that are ended by Ctrl-C. */
const INTERRUPTED = 130;

/** Waits for a job that was queued, and says how it ended: exit 0 where it is done, 1 where it failed or was cancelled. */
export async function runJob(
  { output }: CommandContext,
  place: ServerPlace,
  { jobId, wait, showLog = false, document = {}, done }: RunJobOptions,
): Promise<number> {
  const about = { ...whereOf(place), ...document, jobId };
  if (!wait) {
    output.note(`Watch it: octet jobs watch ${jobId}`);
    output.result(about, () => jobId);
    return exitCodes.done;
  }
  const job = await followJob({ api: place.api, jobId, output, showLog });
  if (job === null) {
    output.note(`The job goes on. Watch it: octet jobs watch ${jobId}\nEnd it: octet jobs cancel ${jobId}`);
    output.result({ ...about, interrupted: true }, null);
    return INTERRUPTED;
  }
  const { state, error } = job;
  if (state === "done") {
    const result = await done(job);
    output.result({ ...about, state, ...result.document }, () => result.text);
    return exitCodes.done;
  }
  output.result({ ...about, state, ...(error ? { error } : {}) }, () =>
    error
      ? `FAILED ${job.title}: ${error.code}: ${error.message}${error.hint ? `\n${error.hint}` : ""}\nTry it again: octet jobs retry ${jobId}`
      : `${job.title} was cancelled. Queue it again: octet jobs retry ${jobId}`,
  );
  return exitCodes.checkFailed;
}
