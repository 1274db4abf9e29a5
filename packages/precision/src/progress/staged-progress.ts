import type { JobProgress } from "@octet/shared/domain/job";

/** A stage's share of the work; those that come are the first whose name begins the stage's. */
export type StageWeights = readonly (readonly [stage: string, weight: number])[];

const MIN_ELAPSED_MS = 3000;
const MIN_PERCENT = 2;

/**
 * One percentage over the stages of a job. It never falls: a stage that comes again, or that nobody foresaw, leaves it as it
 * was. The time that is left is what the work so far took, carried on.
 */
export class StagedProgress {
  private readonly stages: { name: string; from: number; share: number }[];
  private readonly now: () => number;
  private readonly startedAt: number;
  private percent = 0;
  private stage: { name: string; startedAt: number; startedWith: number } | null = null;

  constructor(weights: StageWeights, now: () => number = () => performance.now()) {
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
    let before = 0;
    this.stages = weights.map(([name, weight]) => {
      const from = (before / total) * 100;
      before += weight;
      return { name, from, share: (weight / total) * 100 };
    });
    this.now = now;
    this.startedAt = now();
  }

  /** @param total 0 or less where the stage has no steps */
  report(name: string, done: number, total: number): JobProgress {
    const now = this.now();
    if (this.stage?.name !== name) this.stage = { name, startedAt: now, startedWith: done };
    const planned = this.stages.find((stage) => name.startsWith(stage.name));
    const fraction = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
    if (planned) this.percent = Math.max(this.percent, planned.from + planned.share * fraction);
    const stageMs = now - this.stage.startedAt;
    const steps = done - this.stage.startedWith;
    const elapsed = now - this.startedAt;
    const known = elapsed >= MIN_ELAPSED_MS && this.percent >= MIN_PERCENT;
    return {
      stage: name,
      percent: Math.min(100, this.percent),
      ratePerSecond: total > 1 && steps > 0 && stageMs > 0 ? (steps * 1000) / stageMs : null,
      secondsLeft: known ? Math.max(0, (elapsed / 1000) * (100 / this.percent - 1)) : null,
    };
  }
}
