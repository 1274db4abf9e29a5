/** How long the router may take to follow a link before the browser loads the page itself. */
export const FOLLOWED_WITHIN_MS = 8000;
/** When a load that has not come to anything is no longer shown. */
const SHOWN_FOR_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** What the watch needs of a browser. */
export interface NavigationBrowser {
  /** The address shown now. */
  href(): string;
  /** Leaves this page for `href`. */
  load(href: string): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/**
 * Watches that what the router begins is followed. A page's data or code that gets no answer is waited for without end, and
 * so is whatever is clicked afterwards, as it builds on the same data: only a load of the page helps.
 */
export class NavigationWatch {
  private readonly browser: NavigationBrowser;
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | null = null;
  private begun: { target: string; from: string; at: number } | null = null;
  private loading = false;

  constructor(browser: NavigationBrowser) {
    this.browser = browser;
  }

  /** True from the begin of a navigation until its page is shown. */
  get pending(): boolean {
    return this.begun !== null;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The router sets out for `to`. Of `traverse` (back and forward) the address is changed already: it cannot be watched. */
  begin(to: string, type: "push" | "replace" | "traverse"): void {
    const from = this.browser.href();
    const target = new URL(to, from);
    if (type === "traverse" || target.origin !== new URL(from).origin || samePage(target.href, from)) {
      this.finish();
      return;
    }
    // A person who waits clicks again: that must not begin the wait anew.
    const again = this.begun?.target === target.href && !this.loading;
    this.begun = { target: target.href, from, at: again && this.begun ? this.begun.at : this.browser.now() };
    this.loading = false;
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    this.tell();
  }

  /** The browser has begun to load a page: it needs no help, whoever asked for it. */
  leaving(): void {
    this.loading = true;
  }

  finish(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    if (!this.begun) return;
    this.begun = null;
    this.tell();
  }

  private look(): void {
    if (!this.begun) return;
    const { target, from, at } = this.begun;
    const waited = this.browser.now() - at;
    // Any other address will do: the way may have led over a redirect.
    if (!samePage(this.browser.href(), from) || waited >= SHOWN_FOR_MS) this.finish();
    else if (waited >= FOLLOWED_WITHIN_MS && !this.loading) {
      this.loading = true;
      this.browser.load(target);
    }
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

const samePage = (one: string, other: string): boolean => one.replace(/#.*/, "") === other.replace(/#.*/, "");
