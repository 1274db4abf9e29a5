import type { JobProgress } from "@octet/shared/domain/job";

/** Lines that are kept of a job's log. */
export const LOG_LINES = 2000;

export interface RunProgress {
  jobId: string;
  attempt: number;
  workerId: string;
  progress: JobProgress;
  log: string[];
}

/** What runs reported since it was last written: of the progress the newest, of the log every line (the last 2000). */
export class ProgressBuffer {
  private readonly waiting = new Map<string, RunProgress>();

  add(report: RunProgress): void {
    const before = this.waiting.get(report.jobId);
    // A newer attempt replaces what an older one said.
    if (before && before.attempt > report.attempt) return;
    const log = before?.attempt === report.attempt ? [...before.log, ...report.log] : report.log;
    this.waiting.set(report.jobId, { ...report, log: log.slice(-LOG_LINES) });
  }

  /** Puts back what could not be written, before what came since. */
  putBack(report: RunProgress): void {
    const since = this.waiting.get(report.jobId);
    this.waiting.delete(report.jobId);
    this.add(report);
    if (since) this.add(since);
  }

  /** Takes all that waits, or one job's. */
  take(jobId?: string): RunProgress[] {
    const taken = [...this.waiting.values()].filter((report) => jobId === undefined || report.jobId === jobId);
    for (const report of taken) this.waiting.delete(report.jobId);
    return taken;
  }
}
