import { STAGE_BUCKETS } from "@octet/shared/protocol/worker-protocol";
import { expect, it } from "vitest";
import { StageHistograms, StageWindow } from "./stage-clock.ts";

const times = (infer: number) => ({ network: 0, decode: 1, queue: 2, preprocess: 3, infer, postprocess: 4, publish: 5 });

it("forgets what is older than the window and tells the rate", () => {
  const window = new StageWindow(1000);
  for (let at = 0; at < 2000; at += 100) window.add(at, times(at), at);
  expect(Math.abs(window.percentiles(2000).infer!.p50 / 1400 - 1)).toBeLessThan(0.01);
  expect(window.rate(2000, 500)).toBeCloseTo(8);
  expect(window.percentiles(10_000)).toEqual({});
});

it("keeps the newest samples where more come than it holds", () => {
  const window = new StageWindow(1000, 3);
  for (let at = 0; at < 8; at++) window.add(at, times(100 * at), 1);
  const { p50, p99 } = window.percentiles(8).infer!;
  expect(Math.abs(p50 / 600 - 1)).toBeLessThan(0.01);
  expect(Math.abs(p99 / 700 - 1)).toBeLessThan(0.01);
  expect(window.rate(8, 1000)).toBe(3);
});

it("counts every sample once, above the last bound too", () => {
  const histograms = new StageHistograms();
  histograms.add(times(15), 30);
  histograms.add(times(60_000), 60_015);
  const infer = histograms.snapshot().find((entry) => entry.stage === "infer");
  expect(infer?.counts.reduce((sum, count) => sum + count)).toBe(2);
  expect(infer?.counts[STAGE_BUCKETS.length]).toBe(1);
  expect(infer?.sum).toBeCloseTo(60.015);
});

it("says what of the total is in no stage", () => {
  const histograms = new StageHistograms();
  histograms.add(times(15), 42);
  histograms.add(times(15), 29);
  const between = histograms.snapshot().find((entry) => entry.stage === "between");
  expect(between?.sum).toBeCloseTo(0.012);
  expect(between?.counts[0]).toBe(1);
});
