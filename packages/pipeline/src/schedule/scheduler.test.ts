import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Room, Scheduler, type Waiting } from "./scheduler.ts";

const room = (more: Partial<Room> = {}): (() => Room) => {
  const timeFor = (): number => 10;
  return () => ({ runs: 1, idle: 1, maxBatch: 8, freeAt: 0, holdMs: 0, timeFor, ...more });
};
const offer = <T>(
  scheduler: Scheduler<string, T>,
  cameraId: string,
  frame: T,
  now: number,
  more: { budgetMs?: number; group?: string; age?: number } = {},
) =>
  scheduler.offer(
    { cameraId, group: more.group ?? "m", frame, now, capturedAt: now - (more.age ?? 0), budgetMs: more.budgetMs ?? 200 },
    10,
  );
const taken = <T>(decision: ReturnType<Scheduler<string, T>["next"]>): T[] =>
  decision && "batch" in decision ? decision.batch.map(({ frame }) => frame) : [];

describe("Scheduler", () => {
  it("replaces a camera's stale frame and hands it back", () => {
    const scheduler = new Scheduler<string, number>();
    expect(offer(scheduler, "a", 1, 0)).toBeNull();
    expect(offer(scheduler, "a", 2, 10)).toBe(1);
    expect(scheduler.size).toBe(1);
    expect(taken(scheduler.next(10, room()))).toEqual([2]);
    expect(scheduler.next(10, room())).toBeNull();
  });

  it("takes the earliest deadline first, and a newer frame in its camera's place", () => {
    const scheduler = new Scheduler<string, string>();
    offer(scheduler, "b", "b1", 1);
    offer(scheduler, "a", "a1", 0);
    offer(scheduler, "c", "c1", 2, { budgetMs: 100 });
    offer(scheduler, "a", "a2", 90);
    expect(taken(scheduler.next(90, room({ maxBatch: 2 })))).toEqual(["c1", "a2"]);
    expect(taken(scheduler.next(90, room({ maxBatch: 2 })))).toEqual(["b1"]);
  });

  it("goes by when a frame was captured, not by when it came", () => {
    const scheduler = new Scheduler<string, string>();
    offer(scheduler, "a", "young", 100);
    offer(scheduler, "b", "old", 110, { age: 50 });
    expect(taken(scheduler.next(110, room({ maxBatch: 1 })))).toEqual(["old"]);
  });

  it("runs the model whose frame is due first, if its sessions have room", () => {
    const scheduler = new Scheduler<string, string>();
    offer(scheduler, "a", "x1", 0, { group: "x" });
    offer(scheduler, "b", "y1", 1, { group: "y" });
    offer(scheduler, "c", "x2", 2, { group: "x" });
    const full = (group: string) => ({ ...room()(), runs: group === "x" ? 0 : 1 });
    expect(scheduler.next(5, full)).toMatchObject({ run: "y" });
    expect(scheduler.next(5, full)).toBeNull();
    expect(taken(scheduler.next(5, room()))).toEqual(["x1", "x2"]);
  });

  it("shares what waits between idle sessions", () => {
    const scheduler = new Scheduler<string, number>();
    for (let camera = 0; camera < 5; camera++) offer(scheduler, String(camera), camera, camera);
    expect(taken(scheduler.next(5, room({ runs: 2, idle: 2 })))).toEqual([0, 1, 2]);
    expect(taken(scheduler.next(5, room()))).toEqual([3, 4]);
  });

  it("cuts a batch that would be too late for a frame in it", () => {
    const scheduler = new Scheduler<string, number>();
    for (let camera = 0; camera < 6; camera++) offer(scheduler, String(camera), camera, 0, { budgetMs: camera === 0 ? 35 : 200 });
    const timeFor = (frames: number): number => 5 + 10 * frames;
    expect(taken(scheduler.next(0, room({ timeFor })))).toEqual([0, 1, 2]);
  });

  it("lets a batch grow while sessions are busy, and no longer than a frame in it allows", () => {
    const scheduler = new Scheduler<string, number>();
    const busy = { idle: 0, freeAt: 50 };
    offer(scheduler, "a", 1, 0);
    expect(scheduler.next(0, room(busy))).toEqual({ waitMs: 48 });
    offer(scheduler, "b", 2, 20, { budgetMs: 45 });
    expect(scheduler.next(20, room(busy))).toEqual({ waitMs: 28 });
    offer(scheduler, "c", 3, 25, { budgetMs: 30 });
    expect(scheduler.next(25, room(busy))).toEqual({ waitMs: 20 });
    expect(taken(scheduler.next(45, room(busy)))).toEqual([3, 2, 1]);
  });

  it("holds a batch that is not full for so long as it was told, and hands over a full one at once", () => {
    const scheduler = new Scheduler<string, number>();
    offer(scheduler, "a", 1, 0);
    expect(scheduler.next(1, room({ holdMs: 5, maxBatch: 2 }))).toEqual({ waitMs: 4 });
    offer(scheduler, "b", 2, 2);
    expect(taken(scheduler.next(2, room({ holdMs: 5, maxBatch: 2 })))).toEqual([1, 2]);
    offer(scheduler, "a", 3, 10);
    expect(taken(scheduler.next(15, room({ holdMs: 5, maxBatch: 2 })))).toEqual([3]);
  });

  it("hands back a frame that has become too late, and prefers its camera's next one", () => {
    const scheduler = new Scheduler<string, string>();
    offer(scheduler, "a", "a1", 0);
    offer(scheduler, "b", "b1", 100);
    expect(scheduler.expire(195, () => 10).map(({ frame }) => frame)).toEqual(["a1"]);
    offer(scheduler, "a", "a2", 200);
    expect(taken(scheduler.next(200, room({ maxBatch: 1 })))).toEqual(["a2"]);
  });

  it("runs a frame that never could be in time", () => {
    const scheduler = new Scheduler<string, string>();
    offer(scheduler, "a", "late stream", 0, { age: 500 });
    expect(scheduler.expire(1000, () => 10)).toEqual([]);
    expect(taken(scheduler.next(1000, room()))).toEqual(["late stream"]);
  });

  it("loses no frame: every one is taken, waiting, or handed back", () => {
    const step = fc.record({ kind: fc.constantFrom("offer", "take", "remove", "expire"), number: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const scheduler = new Scheduler<string, number>();
        let offered = 0;
        let settled = 0;
        for (const [index, { kind, number }] of steps.entries()) {
          const now = index * 20;
          if (kind === "offer") {
            offered++;
            if (offer(scheduler, String(number), now, now, { group: String(number % 2) }) !== null) settled++;
          } else if (kind === "take") settled += taken(scheduler.next(now, room({ maxBatch: 1 + (number % 4) }))).length;
          else if (kind === "expire") settled += scheduler.expire(now, () => 10).length;
          else if (scheduler.remove(String(number)) !== null) settled++;
          expect(scheduler.size).toBeLessThanOrEqual(10);
        }
        expect(settled + scheduler.size).toBe(offered);
      }),
    );
  });

  it("puts no camera before one whose deadline is earlier", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 400 }), budgetMs: fc.integer({ min: 50, max: 500 }) }), {
          minLength: 1,
          maxLength: 30,
        }),
        (offers) => {
          const scheduler = new Scheduler<string, number>();
          for (const [index, { at, budgetMs }] of offers.entries()) offer(scheduler, String(index), at + budgetMs, at, { budgetMs });
          const order: number[] = [];
          for (;;) {
            const frames = taken(scheduler.next(1000, room({ maxBatch: 3 })));
            if (frames.length === 0) break;
            order.push(...frames);
          }
          expect(order).toEqual([...order].sort((a, b) => a - b));
          expect(order).toHaveLength(offers.length);
        },
      ),
    );
  });

  it("starves no camera under overload, however fast another one offers and whatever expires", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 60, max: 400 }), (every, budgetMs) => {
        const scheduler = new Scheduler<string, number>();
        const served = new Map<string, number>();
        const serve = ({ cameraId }: Waiting<string, number>): unknown => served.set(cameraId, (served.get(cameraId) ?? 0) + 1);
        for (let tick = 0; tick < 6000; tick++) {
          const now = tick * 10;
          offer(scheduler, "fast", tick, now, { budgetMs });
          for (let camera = 0; camera < 20; camera++)
            if ((tick + camera) % every === 0) offer(scheduler, `slow-${camera}`, tick, now, { budgetMs });
          scheduler.expire(now, () => 10);
          // A frame in three ticks is what can be done.
          const decision = tick % 3 === 0 ? scheduler.next(now, room({ maxBatch: 1 })) : null;
          if (decision && "batch" in decision) decision.batch.forEach(serve);
        }
        expect(served.size).toBe(21);
        const fair = 2000 / 21;
        for (const count of served.values()) expect(Math.abs(count - fair)).toBeLessThanOrEqual(0.15 * fair);
      }),
      { numRuns: 20 },
    );
  });
});
