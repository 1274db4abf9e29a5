/** What a bar is drawn on; a terminal's stderr. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  /** How many of the total are done. */
  update(done: number): void;
  /** Takes the bar away. */
  finish(): void;
}

const REDRAW_MS = 100;
const BAR_WIDTH = 24;

/**
 * A progress bar with percent, rate and time left: on a terminal only, on stderr, so that neither a log nor `--json`
 * sees it.
 * @param unit what is counted, in the plural
 */
export function startProgress(
  label: string,
  total: number,
  unit: string,
  { stream = process.stderr as ProgressStream, now = () => performance.now() } = {},
): Progress {
  if (!stream.isTTY) return { update: () => {}, finish: () => {} };
  const started = now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(done) {
      const time = now();
      if (time - drawnAt < REDRAW_MS && done < total) return;
      drawnAt = time;
      stream.write(`\r\u001b[K${progressLine(label, done, total, unit, time - started).slice(0, (stream.columns ?? 80) - 1)}`);
    },
    finish() {
      stream.write("\r\u001b[K");
    },
  };
}

/** "calibrating [######      ]  50 %  64/128 images  12.5/s  5 s left" */
export function progressLine(label: string, done: number, total: number, unit: string, elapsedMs: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const parts = [
    `${label} ${bar(share)} ${Math.floor(share * 100)
      .toString()
      .padStart(3)} %`,
    `${done}/${total} ${unit}`,
  ];
  if (rate > 0) parts.push(`${rate.toFixed(rate < 100 ? 1 : 0)}/s`, `${duration((total - done) / rate)} left`);
  return parts.join("  ");
}

/** "[######      ]" of a share, 0–1. */
export function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `[${"#".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}]`;
}

/** "5 s", "2 min 07 s". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${(whole % 60).toString().padStart(2, "0")} s`;
}
