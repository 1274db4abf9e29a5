import type { AlarmEvent } from "@octet/shared/domain/alarm";
import type { Logger } from "pino";

export interface AlarmWebhookOptions {
  url: string;
  logger: Logger;
  /** Events that wait at most; the oldest are given up, counted. */
  capacity?: number;
  /** Attempts for one event. */
  attempts?: number;
  /** Before attempt n + 1: `baseMs` · 2^(n - 1), a minute at most. */
  baseMs?: number;
  timeoutMs?: number;
}

const LONGEST_WAIT_MS = 60_000;

/** POSTs alarms as JSON to one address, in order, one at a time. A target that is away for long loses the oldest. */
export class AlarmWebhook {
  /** Since the process began. */
  readonly results = { delivered: 0, failed: 0, dropped: 0 };
  private readonly options: Required<AlarmWebhookOptions>;
  private readonly queue: AlarmEvent[] = [];
  private readonly ending = new AbortController();
  private sending: Promise<void> | null = null;

  constructor(options: AlarmWebhookOptions) {
    this.options = { capacity: 1000, attempts: 8, baseMs: 1000, timeoutMs: 10_000, ...options };
  }

  send(events: readonly AlarmEvent[]): void {
    if (this.ending.signal.aborted || events.length === 0) return;
    this.queue.push(...events);
    const over = this.queue.length - this.options.capacity;
    if (over > 0) {
      this.queue.splice(0, over);
      this.results.dropped += over;
      this.options.logger.warn({ dropped: over }, "the alarm webhook is too slow or away: the oldest alarms are not sent");
    }
    this.sending ??= this.drain().finally(() => {
      this.sending = null;
    });
  }

  /** Gives up what waits. */
  async close(): Promise<void> {
    this.ending.abort();
    this.queue.length = 0;
    await this.sending;
  }

  private async drain(): Promise<void> {
    for (let event = this.queue.shift(); event; event = this.queue.shift()) {
      const sent = await this.deliver(event);
      if (sent) this.results.delivered++;
      else this.results.failed++;
    }
  }

  private async deliver(event: AlarmEvent): Promise<boolean> {
    const { url, attempts, baseMs, timeoutMs, logger } = this.options;
    for (let attempt = 1; attempt <= attempts && !this.ending.signal.aborted; attempt++) {
      let problem: string;
      try {
        const response = await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json", "user-agent": "octet" },
          body: JSON.stringify(event),
          redirect: "error",
          signal: AbortSignal.any([this.ending.signal, AbortSignal.timeout(timeoutMs)]),
        });
        await response.body?.cancel();
        if (response.ok) return true;
        problem = `it answered ${response.status}`;
        // What the target refuses for good is not sent again.
        if (response.status < 500 && response.status !== 408 && response.status !== 429) attempt = attempts;
      } catch (error) {
        problem = (error as Error).message;
      }
      // Its address may hold a secret: it is not logged.
      if (attempt < attempts) await this.pause(Math.min(LONGEST_WAIT_MS, baseMs * 2 ** (attempt - 1)));
      else if (!this.ending.signal.aborted) logger.warn({ alarm: event.alarm.id, problem }, "an alarm could not be sent to the webhook");
    }
    return false;
  }

  private pause(ms: number): Promise<void> {
    const { signal } = this.ending;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
  }
}
