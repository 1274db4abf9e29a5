import type { Logger } from "pino";

/** One connection that stands for this process: `@octet/db/replicas/replica-channel`, or a test's. */
export interface Channel {
  announce(text: string): Promise<void>;
  tryLock(): Promise<boolean>;
  close(): Promise<void>;
}

export interface MembershipOptions {
  open(events: { heard(text: string): void; lost(): void }): Promise<Channel>;
  /** What the others are told, each second. */
  announcement: string;
  heard(text: string): void;
  /** This process leads from now on, or does not any more. */
  leads(leads: boolean): void;
  logger: Logger;
  everyMs?: number;
}

const EVERY_MS = 1000;

/** Announces this process to the others, and has it lead while it holds the lock. Whatever fails is tried again. */
export class Membership {
  private readonly options: MembershipOptions;
  private channel: Channel | null = null;
  private leading = false;
  private closed = false;
  private timer: NodeJS.Timeout | null = null;
  private beating: Promise<void> | null = null;
  private failed = false;

  constructor(options: MembershipOptions) {
    this.options = options;
  }

  /** Resolves after the first attempt to lead, whatever came of it. */
  start(): Promise<void> {
    return this.beat();
  }

  /** Tries at once: another process may have gone. */
  hurry(): void {
    void this.beat();
  }

  /** Stops leading, then lets the lock go. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    this.lead(false);
    await this.beating;
    await this.drop();
  }

  private beat(): Promise<void> {
    if (this.closed) return Promise.resolve();
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.beating ??= this.beatOnce().finally(() => {
      this.beating = null;
      if (!this.closed) this.timer = setTimeout(() => void this.beat(), this.options.everyMs ?? EVERY_MS);
    });
    return this.beating;
  }

  private async beatOnce(): Promise<void> {
    const { open, announcement, heard, logger } = this.options;
    try {
      if (!this.channel) {
        // What a connection that was given up still says does not count.
        const self: { channel?: Channel } = {};
        const counts = (): boolean => self.channel === undefined || self.channel === this.channel;
        self.channel = await open({
          heard: (text) => counts() && heard(text),
          lost: () => counts() && this.lost("the connection ended"),
        });
        this.channel = self.channel;
      }
      const { channel } = this;
      await channel.announce(announcement);
      if (!this.leading && this.channel === channel && (await channel.tryLock()) && this.channel === channel) this.lead(true);
      this.failed = false;
    } catch (error) {
      this.lost((error as Error).message);
      if (!this.failed) logger.warn({ error: (error as Error).message }, "cannot be in touch with other web processes now; trying again");
      this.failed = true;
    }
  }

  private lost(why: string): void {
    if (this.leading) this.options.logger.warn({ why }, "this web process does not lead any more");
    this.lead(false);
    void this.drop();
  }

  private async drop(): Promise<void> {
    const { channel } = this;
    this.channel = null;
    await channel?.close().catch(() => {});
  }

  private lead(leading: boolean): void {
    if (this.leading === leading || (leading && this.closed)) return;
    this.leading = leading;
    this.options.leads(leading);
  }
}
