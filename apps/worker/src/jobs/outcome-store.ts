import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type JobOutcome, type JobRun, jobOutcomeSchema, jobRunSchema } from "@octet/shared/domain/job";
import type { z } from "zod";

export const runKey = ({ jobId, attempt }: JobRun): string => `${jobId}-${attempt}`;

const storedSchema = jobRunSchema.extend({ outcome: jobOutcomeSchema });
type Stored = z.output<typeof storedSchema>;

/**
 * Outcomes that nobody has taken yet, a file each, so that the work of an hour outlives a worker that is restarted while the
 * gateway is away.
 */
export class OutcomeStore {
  private readonly folder: string;
  private readonly onFault: (message: string) => void;
  private readonly outcomes = new Map<string, Stored>();

  constructor(folder: string, onFault: (message: string) => void) {
    this.folder = folder;
    this.onFault = onFault;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) this.recover(name);
  }

  all(): Stored[] {
    return [...this.outcomes.values()];
  }

  has(run: JobRun): boolean {
    return this.outcomes.has(runKey(run));
  }

  /** A disk that refuses does not throw: the outcome is kept in memory, and the fault is told. */
  add(run: JobRun, outcome: JobOutcome): void {
    const stored: Stored = { jobId: run.jobId, attempt: run.attempt, outcome };
    this.outcomes.set(runKey(run), stored);
    const file = this.fileOf(run);
    try {
      writeFileSync(`${file}.part`, JSON.stringify(stored), { mode: 0o600, flush: true });
      renameSync(`${file}.part`, file);
    } catch (error) {
      this.onFault(`The outcome of job ${run.jobId} could not be written: it is kept in memory only (${(error as Error).message})`);
    }
  }

  remove(run: JobRun): void {
    this.outcomes.delete(runKey(run));
    rmSync(this.fileOf(run), { force: true });
  }

  private fileOf(run: JobRun): string {
    return path.join(this.folder, `${runKey(run)}.json`);
  }

  private recover(name: string): void {
    const file = path.join(this.folder, name);
    if (name.endsWith(".part")) rmSync(file, { force: true });
    if (!name.endsWith(".json")) return;
    try {
      const stored = storedSchema.parse(JSON.parse(readFileSync(file, "utf8")));
      this.outcomes.set(runKey(stored), stored);
    } catch {
      // Not ours, or damaged: the run is as one that never ended, and is queued again.
      this.onFault(`${file} is no outcome of a job: it is left out`);
    }
  }
}
