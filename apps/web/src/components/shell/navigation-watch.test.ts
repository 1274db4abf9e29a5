import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FOLLOWED_WITHIN_MS, NavigationWatch } from "./navigation-watch.ts";

const site = "http://octet.test";

/** A browser at /precision whose router does nothing by itself. */
function atPrecision() {
  const browser = { at: `${site}/precision`, loaded: [] as string[] };
  const watch = new NavigationWatch({
    href: () => browser.at,
    load: (href) => browser.loaded.push(href),
    now: () => Date.now(),
  });
  const seen: boolean[] = [];
  watch.subscribe(() => seen.push(watch.pending));
  return { browser, watch, seen };
}

describe("NavigationWatch", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("loads the page itself where the router does not get there", () => {
    const { browser, watch } = atPrecision();
    watch.begin("/precision/one?tab=gate", "push");
    vi.advanceTimersByTime(FOLLOWED_WITHIN_MS - 200);
    expect(browser.loaded).toEqual([]);
    vi.advanceTimersByTime(400);
    expect(browser.loaded).toEqual([`${site}/precision/one?tab=gate`]);
    expect(watch.pending).toBe(true);
    vi.advanceTimersByTime(30_000);
    expect(browser.loaded).toHaveLength(1);
  });

  it("leaves alone what is followed, also by way of a redirect", () => {
    const { browser, watch, seen } = atPrecision();
    watch.begin("/precision/one", "push");
    expect(seen).toEqual([true]);
    vi.advanceTimersByTime(3000);
    browser.at = `${site}/sign-in`;
    vi.advanceTimersByTime(200);
    expect(seen).toEqual([true, false]);
    vi.advanceTimersByTime(2 * FOLLOWED_WITHIN_MS);
    expect(browser.loaded).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("counts from the first click on a link, however often it is clicked", () => {
    const { browser, watch } = atPrecision();
    for (let click = 0; click < 6; click++) {
      watch.begin("/precision/one", "push");
      vi.advanceTimersByTime(FOLLOWED_WITHIN_MS / 5);
    }
    expect(browser.loaded).toEqual([`${site}/precision/one`]);
  });

  it("counts anew for another link, and loads what was clicked last", () => {
    const { browser, watch } = atPrecision();
    watch.begin("/precision/one", "push");
    vi.advanceTimersByTime(FOLLOWED_WITHIN_MS - 1000);
    watch.begin("/jobs", "push");
    vi.advanceTimersByTime(FOLLOWED_WITHIN_MS - 1000);
    expect(browser.loaded).toEqual([]);
    vi.advanceTimersByTime(1200);
    expect(browser.loaded).toEqual([`${site}/jobs`]);
  });

  it("does not begin a load again that the router or a person has begun", () => {
    const { browser, watch } = atPrecision();
    watch.begin("/precision/one", "push");
    vi.advanceTimersByTime(1000);
    watch.leaving();
    vi.advanceTimersByTime(2 * FOLLOWED_WITHIN_MS);
    expect(browser.loaded).toEqual([]);
    watch.begin("/precision/one", "push");
    vi.advanceTimersByTime(FOLLOWED_WITHIN_MS + 200);
    expect(browser.loaded).toEqual([`${site}/precision/one`]);
  });

  it("shows a load that comes to nothing for a minute at most", () => {
    const { watch } = atPrecision();
    watch.begin("/jobs", "push");
    vi.advanceTimersByTime(61_000);
    expect(watch.pending).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    ["the page that is shown", "/precision#gate", "push"],
    ["another site", "https://example.com/", "push"],
    ["back and forward", "/jobs", "traverse"],
  ] as const)("does not watch %s, and gives up what was begun before", (_, to, type) => {
    const { browser, watch } = atPrecision();
    watch.begin("/cameras", "push");
    watch.begin(to, type);
    expect(watch.pending).toBe(false);
    vi.advanceTimersByTime(2 * FOLLOWED_WITHIN_MS);
    expect(browser.loaded).toEqual([]);
  });
});
