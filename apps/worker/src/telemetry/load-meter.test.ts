import type { LivePipeline } from "@octet/pipeline/live-pipeline";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CapacityMeter } from "../cameras/capacity.ts";
import type { SpoolStats } from "../link/spool.ts";
import { LoadMeter } from "./load-meter.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

it("turns counts into rates over the time since it was read last", () => {
  const totals = { framesDecoded: 100, framesInferred: 20, framesDropped: 0, detections: 0 };
  const pipeline = { running: 3, queued: 2, totalsSnapshot: () => totals } as LivePipeline;
  const spool = {} as SpoolStats;
  const meter = new LoadMeter({
    pipeline,
    spoolStats: () => spool,
    takeInferBusy: () => 0.5,
    capacity: new CapacityMeter({ cores: 2, memoryBytes: 1, infersOnCpu: true }),
  });
  vi.advanceTimersByTime(2000);
  totals.framesDecoded += 50;
  totals.framesInferred += 10;
  const first = meter.read([]);
  expect(first).toMatchObject({ cameras: 3, queued: 2, decodedPerSecond: 25, inferredPerSecond: 5, inferBusy: 0.5 });
  expect(first.spool).toBe(spool);
  expect(first.rssBytes).toBeGreaterThan(0);
  expect(first.cpuPercent).toBeGreaterThanOrEqual(0);
  expect(first).not.toHaveProperty("gpus");
  vi.advanceTimersByTime(500);
  totals.framesDecoded += 50;
  expect(meter.read([])).toMatchObject({ decodedPerSecond: 100, inferredPerSecond: 0 });
});
