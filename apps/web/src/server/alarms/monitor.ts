import type { Alarm, AlarmEvent } from "@octet/shared/domain/alarm";
import type { Logger } from "pino";
import { type AlarmState, evaluateAlarms, type RaisedAlarm, resumedState } from "./evaluate.ts";
import type { AlarmFacts } from "./facts.ts";

const EVERY_MS = 5000;

export interface AlarmMonitorOptions {
  facts(): Promise<AlarmFacts>;
  openKeys(): Promise<string[]>;
  /** Returns those that were not open already. */
  raise(raised: readonly RaisedAlarm[], now: Date): Promise<Alarm[]>;
  clear(keys: readonly string[], now: Date): Promise<Alarm[]>;
  /** Whether this process looks now: of several on one database, one does. */
  mayLook?(): boolean;
  onEvents(events: readonly AlarmEvent[]): void;
  logger: Logger;
  now?: () => number;
}

/** Looks at the site every few seconds, and keeps what begins and ends. */
export class AlarmMonitor {
  private readonly options: AlarmMonitorOptions;
  private state: AlarmState | null = null;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(options: AlarmMonitorOptions) {
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => void this.look(), EVERY_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearInterval(this.timer);
    await this.looking;
  }

  /** One look after the other. A database that is away is asked again: what was not kept is found anew. */
  look(): Promise<void> {
    this.looking = this.looking.then(async () => {
      if (this.closed) return;
      if (this.options.mayLook?.() === false) {
        // Whoever looks meanwhile opens and closes alarms: what is known here is stale when it is this process's turn again.
        this.state = null;
        return;
      }
      try {
        await this.lookOnce();
      } catch (error) {
        this.options.logger.warn({ error: (error as Error).message }, "alarms could not be looked after; trying again");
      }
    });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    const { facts, openKeys, raise, clear } = this.options;
    const before = this.state ?? resumedState(await openKeys());
    const now = this.options.now?.() ?? Date.now();
    const { state, raised, cleared } = evaluateAlarms(before, await facts(), now);
    this.state = before;
    this.tell("raised", await raise(raised, new Date(now)));
    this.tell("cleared", await clear(cleared, new Date(now)));
    this.state = state;
  }

  private tell(event: AlarmEvent["event"], alarms: readonly Alarm[]): void {
    if (alarms.length === 0) return;
    for (const { kind, subjectName, message } of alarms)
      this.options.logger.info({ event, kind, subject: subjectName }, event === "raised" ? message : "an alarm is over");
    this.options.onEvents(alarms.map((alarm) => ({ event, alarm })));
  }
}
