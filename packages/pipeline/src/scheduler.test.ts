import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchSize, Scheduler } from "./scheduler.ts";

describe("Scheduler", () => {
  it("replaces a camera's stale frame and hands it back", () => {
    const scheduler = new Scheduler<number>();
    expect(scheduler.offer("a", 1, 0)).toBeNull();
    expect(scheduler.offer("a", 2, 10)).toBe(1);
    expect(scheduler.size).toBe(1);
    expect(scheduler.take(8).map((waiting) => waiting.frame)).toEqual([2]);
  });

  it("takes one frame of each camera, longest waiting first", () => {
    const scheduler = new Scheduler<string>();
    scheduler.offer("a", "a1", 0);
    scheduler.offer("b", "b1", 1);
    scheduler.offer("c", "c1", 2);
    scheduler.offer("a", "a2", 3);
    const batch = scheduler.take(2);
    expect(batch.map((waiting) => waiting.frame)).toEqual(["a2", "b1"]);
    expect(batch[0]).toMatchObject({ offeredAt: 3, waitingSince: 0 });
    expect(scheduler.take(2).map((waiting) => waiting.frame)).toEqual(["c1"]);
  });

  it("loses no frame: every one is taken, waiting, or handed back as stale", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("offer" as const), camera: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ kind: fc.constant("take" as const), camera: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant("remove" as const), camera: fc.integer({ min: 0, max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const scheduler = new Scheduler<number>();
        let offered = 0;
        let settled = 0;
        for (const [now, { kind, camera }] of steps.entries()) {
          if (kind === "offer") {
            offered++;
            if (scheduler.offer(String(camera), now, now) !== null) settled++;
          } else if (kind === "take") settled += scheduler.take(camera).length;
          else if (scheduler.remove(String(camera)) !== null) settled++;
          expect(scheduler.size).toBeLessThanOrEqual(10);
        }
        expect(settled + scheduler.size).toBe(offered);
      }),
    );
  });

  it("starves no camera under overload, however fast another one offers", () => {
    const scheduler = new Scheduler<number>();
    const served = new Map<string, number>();
    for (let now = 0; now < 10_000; now++) {
      scheduler.offer("fast", now, now);
      for (let camera = 0; camera < 20; camera++) if ((now + camera) % 7 === 0) scheduler.offer(`slow-${camera}`, now, now);
      // The capacity is one frame in three ticks.
      if (now % 3 === 0) for (const { cameraId } of scheduler.take(1)) served.set(cameraId, (served.get(cameraId) ?? 0) + 1);
    }
    const counts = [...served.values()];
    expect(served.size).toBe(21);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });
});

describe("batchSize", () => {
  it("uses idle sessions before it batches, and keeps to the limit", () => {
    expect(batchSize(0, 2, 8)).toBe(0);
    expect(batchSize(5, 0, 8)).toBe(0);
    expect(batchSize(2, 2, 8)).toBe(1);
    expect(batchSize(5, 2, 8)).toBe(3);
    expect(batchSize(100, 1, 8)).toBe(8);
  });
});
