import type { ShadowReport } from "@octet/shared/domain/shadow";
import type { Logger } from "pino";

const FLUSH_MS = 2000;

/** Workers report each second; the database hears of what changed every other. */
export class ShadowBuffer {
  private readonly save: (reports: ShadowReport[]) => Promise<void>;
  private readonly logger: Logger;
  private readonly changed = new Map<string, ShadowReport>();
  private readonly savedFrames = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private saving: Promise<void> = Promise.resolve();

  constructor(save: (reports: ShadowReport[]) => Promise<void>, logger: Logger, flushMs = FLUSH_MS) {
    this.save = save;
    this.logger = logger;
    this.timer = setInterval(() => void this.flush(), flushMs);
    this.timer.unref();
  }

  add(reports: readonly ShadowReport[]): void {
    for (const report of reports) if (report.frames > (this.savedFrames.get(report.runId) ?? 0)) this.changed.set(report.runId, report);
  }

  /** What could not be saved is tried again with the next. */
  flush(): Promise<void> {
    this.saving = this.saving.then(async () => {
      const reports = [...this.changed.values()];
      if (reports.length === 0) return;
      this.changed.clear();
      try {
        await this.save(reports);
        for (const { runId, frames } of reports) this.savedFrames.set(runId, frames);
        // Runs end with their worker; the oldest are of no more use.
        for (const runId of [...this.savedFrames.keys()].slice(0, Math.max(0, this.savedFrames.size - 10_000)))
          this.savedFrames.delete(runId);
      } catch (error) {
        for (const report of reports) if (!this.changed.has(report.runId)) this.changed.set(report.runId, report);
        this.logger.warn({ error: (error as Error).message }, "what shadows have seen could not be stored; trying again");
      }
    });
    return this.saving;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }
}
