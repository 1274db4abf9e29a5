import type { JobProgress } from "@octet/shared/domain/job";
import type { Output } from "./output.ts";
import { bar, duration, type ProgressStream } from "./progress.ts";

export interface JobProgressView {
  update(progress: JobProgress): void;
  /** A line that stays, above the bar. */
  say(text: string): void;
  finish(): void;
}

const REDRAW_MS = 100;
/** Without a terminal, a line at each change of stage, and whenever so much more is done. */
const LINE_PERCENT = 25;

/** A piece of work with stages: a bar on a terminal, else lines; on stderr, and with `--json` the bar alone. */
export function startJobProgress(
  title: string,
  output: Output,
  { stream = process.stderr as ProgressStream, now = () => performance.now() } = {},
): JobProgressView {
  if (!stream.isTTY) return lines(title, output);
  let drawn: { at: number; stage: string } | null = null;
  return {
    update(progress) {
      const at = now();
      if (drawn && at - drawn.at < REDRAW_MS && drawn.stage === progress.stage) return;
      drawn = { at, stage: progress.stage };
      stream.write(`\r\u001b[K${jobLine(title, progress).slice(0, (stream.columns ?? 80) - 1)}`);
    },
    say(text) {
      stream.write("\r\u001b[K");
      output.note(text);
    },
    finish() {
      stream.write("\r\u001b[K");
    },
  };
}

function lines(title: string, output: Output): JobProgressView {
  let last: { stage: string; percent: number } | null = null;
  return {
    update(progress) {
      // "streams: 8" and "streams: 16" are one stage.
      const stage = progress.stage.replaceAll(/[\d.,]+/g, "#");
      if (last && last.stage === stage && progress.percent < last.percent + LINE_PERCENT) return;
      last = { stage, percent: progress.percent };
      output.note(jobText(title, progress));
    },
    say: (text) => output.note(text),
    finish: () => {},
  };
}

/** "Build Faces INT8 [######      ]  50 %  calibrating  12.5/s  about 5 s left" */
const jobLine = (title: string, progress: JobProgress): string => `${title} ${bar(progress.percent / 100)} ${figures(progress)}`;

const jobText = (title: string, progress: JobProgress): string => `${title}: ${figures(progress)}`;

function figures({ percent, stage, ratePerSecond, secondsLeft }: JobProgress): string {
  const parts = [`${Math.floor(percent).toString().padStart(3)} %`, stage || "waiting for a worker"];
  if (ratePerSecond !== null) parts.push(`${ratePerSecond.toFixed(ratePerSecond < 100 ? 1 : 0)}/s`);
  if (secondsLeft !== null) parts.push(`about ${duration(secondsLeft)} left`);
  return parts.join("  ");
}
