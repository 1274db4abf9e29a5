import { describe, expect, it } from "vitest";
import { Backlog } from "./backlog.ts";

/** Feeds 25 packets a second of stream time, each handled `handleMs` after the one before at the earliest. */
function play(backlog: Backlog, seconds: number, handleMs: (atMs: number, behind: boolean) => number, pace = 1, from = 0) {
  let free = from;
  const late: number[] = [];
  let behind = 0;
  for (let dts = 0; dts < seconds * 1000; dts += 40) {
    const now = Math.max(from + dts * pace, free);
    late.push(backlog.onPacket(dts, now));
    if (backlog.behind) behind++;
    free = now + handleMs(now, backlog.behind);
  }
  return { late, behindShare: behind / late.length };
}

describe("Backlog", () => {
  it("is never behind where packets are handled in time, however unevenly", () => {
    const { late, behindShare } = play(new Backlog(), 300, (at) => (Math.floor(at / 1000) % 10 === 0 ? 55 : 5));
    expect(behindShare).toBe(0);
    expect(Math.max(...late)).toBeLessThan(450);
  });

  it("sees what piles up, and keeps it bounded by what is left out", () => {
    const { late, behindShare } = play(new Backlog(), 120, (_, behind) => (behind ? 2 : 60));
    expect(Math.max(...late)).toBeLessThan(500);
    expect(behindShare).toBeGreaterThan(0.1);
    expect(behindShare).toBeLessThan(0.6);
  });

  it("takes a camera whose time stamps run faster than its packets for none that is behind", () => {
    const backlog = new Backlog();
    const { behindShare } = play(backlog, 600, () => 1, 1.05);
    expect(behindShare).toBeLessThan(0.3);
    expect(play(new Backlog(), 600, () => 1, 1.0001).behindShare).toBe(0);
  });

  it("begins anew with the time stamps", () => {
    const backlog = new Backlog();
    backlog.onPacket(10_000, 0);
    backlog.restart();
    expect(backlog.onPacket(0, 5000)).toBe(0);
    expect(backlog.behind).toBe(false);
  });
});
