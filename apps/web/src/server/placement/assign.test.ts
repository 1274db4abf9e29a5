import { anywhere, type PlacementRule } from "@octet/shared/domain/placement";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignCameras, type Demand, type PlacedCamera, type PlacementWorker, share } from "./assign.ts";

const MIB = 2 ** 20;
const demand: Demand = { detectionsPerSecond: 5, pixelsPerSecond: 25 * 1920 * 1080, memoryBytes: 64 * MIB };
const cameras = (count: number, workerId: string | null = null, rule: Partial<PlacementRule> = {}): PlacedCamera[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${workerId ?? "new"}-${String(index).padStart(3, "0")}`,
    workerId,
    rule: { ...anywhere, ...rule },
    demand,
  }));
/** A worker that has room for `rooms` such cameras by each measure. */
const worker = (id: string, rooms = 100, more: { labels?: string[]; draining?: boolean } = {}): PlacementWorker => ({
  id,
  labels: new Set(more.labels ?? []),
  draining: more.draining ?? false,
  capacity: {
    detectionsPerSecond: rooms * demand.detectionsPerSecond,
    pixelsPerSecond: rooms * demand.pixelsPerSecond,
    memoryBytes: rooms * demand.memoryBytes,
    sharedCores: false,
  },
});
const apply = (before: readonly PlacedCamera[], { changes }: ReturnType<typeof assignCameras>): PlacedCamera[] =>
  before.map((camera) => ({ ...camera, workerId: changes.has(camera.id) ? changes.get(camera.id)! : camera.workerId }));
/** Rounds until nothing more moves. */
function settle(before: readonly PlacedCamera[], workers: PlacementWorker[]): { placed: PlacedCamera[]; rounds: number } {
  let placed = [...before];
  for (let rounds = 1; ; rounds++) {
    const result = assignCameras(placed, workers);
    placed = apply(placed, result);
    if (!result.unsettled) return { placed, rounds };
  }
}
const count = (placed: readonly PlacedCamera[], id: string | null): number => placed.filter(({ workerId }) => workerId === id).length;

describe("assignCameras", () => {
  it("spreads new cameras by what the workers can do", () => {
    const placed = apply(cameras(9), assignCameras(cameras(9), [worker("a", 40), worker("b", 20)]));
    expect([count(placed, "a"), count(placed, "b")]).toEqual([6, 3]);
  });

  it("reckons with what is scarcest: decoding, inference or memory, and with cores that do both", () => {
    const { capacity } = worker("a", 10);
    expect(share({ capacity }, demand)).toBeCloseTo(0.1);
    expect(share({ capacity: { ...capacity, sharedCores: true } }, demand)).toBeCloseTo(0.2);
    expect(share({ capacity: { ...capacity, pixelsPerSecond: demand.pixelsPerSecond } }, demand)).toBeCloseTo(1);
    expect(share({ capacity: { ...capacity, pixelsPerSecond: null } }, { ...demand, memoryBytes: 640 * MIB })).toBeCloseTo(1);
  });

  it("leaves cameras where they are when nothing calls for a move", () => {
    const placed = [...cameras(3, "a"), ...cameras(3, "b")];
    expect(assignCameras(placed, [worker("a"), worker("b")]).changes.size).toBe(0);
    // One more or less in ten is not worth a move.
    expect(assignCameras([...cameras(11, "a"), ...cameras(9, "b")], [worker("a"), worker("b")]).changes.size).toBe(0);
  });

  it("moves only the cameras of a worker that left, all of them at once", () => {
    const { changes } = assignCameras([...cameras(40, "a"), ...cameras(40, "gone")], [worker("a"), worker("b")]);
    expect([...changes.keys()].every((id) => id.startsWith("gone"))).toBe(true);
    expect(changes.size).toBe(40);
    expect([...changes.values()].filter((id) => id === "b")).toHaveLength(40);
  });

  it("gives a worker that joins its share little by little, with no more moves than that takes", () => {
    const before = cameras(100, "a");
    const workers = [worker("a"), worker("b")];
    const first = assignCameras(before, workers);
    expect([first.changes.size, first.unsettled]).toEqual([10, true]);
    const { placed, rounds } = settle(before, workers);
    expect(rounds).toBeGreaterThan(3);
    expect(count(placed, "b")).toBeGreaterThanOrEqual(47);
    expect(count(placed, "b")).toBeLessThanOrEqual(50);
  });

  it("changes nothing where there is no worker at all but to say so", () => {
    expect([...assignCameras(cameras(2, "gone"), []).changes.values()]).toEqual([null, null]);
  });

  it("keeps to labels, and moves a camera that may not be where it is", () => {
    const workers = [worker("a", 100, { labels: ["site=north"] }), worker("b", 100, { labels: ["site=south", "gpu=l4"] })];
    const home = (rule: Partial<PlacementRule>, at: string | null = null): string | null => {
      const [camera] = cameras(1, at, rule);
      const { changes } = assignCameras([camera!], workers);
      return changes.has(camera!.id) ? changes.get(camera!.id)! : at;
    };
    expect(home({ require: ["site=north"] })).toBe("a");
    expect(home({ require: ["site=north"] }, "b")).toBe("a");
    expect(home({ require: ["site=south", "gpu=l4"] })).toBe("b");
    expect(home({ require: ["site=east"] }, "a")).toBeNull();
    expect(home({ exclude: ["site=north"] }, "a")).toBe("b");
    expect(home({ prefer: ["gpu=l4"] })).toBe("b");
    // What it prefers does not pull it away from where it runs, and holds it there against evenness.
    expect(home({ prefer: ["gpu=l4"] }, "a")).toBe("a");
    expect(assignCameras(cameras(6, "b", { prefer: ["gpu=l4"] }), workers).changes.size).toBe(0);
  });

  it("prefers what a camera prefers only while there is room", () => {
    const workers = [worker("a", 100), worker("b", 4, { labels: ["near"] })];
    const placed = apply(cameras(10, null, { prefer: ["near"] }), assignCameras(cameras(10, null, { prefer: ["near"] }), workers));
    expect([count(placed, "b"), count(placed, "a")]).toEqual([4, 6]);
  });

  it("empties a worker that drains, but for what may run nowhere else", () => {
    const before = [
      ...cameras(5, "a"),
      ...cameras(2, "a", { require: ["only"] }).map((camera) => ({ ...camera, id: `only-${camera.id}` })),
    ];
    const placed = apply(before, assignCameras(before, [worker("a", 100, { labels: ["only"], draining: true }), worker("b")]));
    expect([count(placed, "b"), count(placed, "a")]).toEqual([5, 2]);
  });

  it("shares overload out evenly, and says how much there is", () => {
    const before = cameras(60);
    const result = assignCameras(before, [worker("a", 20), worker("b", 10)]);
    const placed = apply(before, result);
    expect([count(placed, "a"), count(placed, "b")]).toEqual([40, 20]);
    expect([...result.loads.values()].map((load) => load.toFixed(1))).toEqual(["2.0", "2.0"]);
  });

  it("places every camera where it may run, settles, and then leaves all alone", () => {
    const labels = ["x", "y"];
    const rule = fc.record({
      require: fc.subarray(labels, { maxLength: 1 }),
      prefer: fc.subarray(labels),
      exclude: fc.subarray(["z"]),
    });
    const world = fc.record({
      cameras: fc.array(
        fc.record({
          at: fc.constantFrom("a", "b", "c", "gone", null),
          rule,
          fps: fc.integer({ min: 1, max: 30 }),
          size: fc.integer({ min: 1, max: 8 }),
        }),
        { maxLength: 50 },
      ),
      workers: fc.uniqueArray(
        fc.record({
          id: fc.constantFrom("a", "b", "c", "d"),
          rooms: fc.integer({ min: 1, max: 50 }),
          labels: fc.subarray(["x", "y", "z"]),
          draining: fc.boolean(),
        }),
        { selector: ({ id }) => id, minLength: 1 },
      ),
    });
    fc.assert(
      fc.property(world, (given) => {
        const workers = given.workers.map(({ id, rooms, ...more }) => worker(id, rooms, more));
        const before = given.cameras.map(({ at, rule, fps, size }, index) => ({
          id: `c${String(index).padStart(2, "0")}`,
          workerId: at,
          rule,
          demand: { detectionsPerSecond: fps, pixelsPerSecond: (demand.pixelsPerSecond * size) / 4, memoryBytes: size * 32 * MIB },
        }));
        const { placed } = settle(before, workers);
        for (const [index, camera] of placed.entries()) {
          const fits = (candidate: PlacementWorker): boolean =>
            camera.rule.require.every((label) => candidate.labels.has(label)) &&
            !camera.rule.exclude.some((label) => candidate.labels.has(label));
          const home = workers.find(({ id }) => id === camera.workerId);
          if (home) expect(fits(home)).toBe(true);
          else expect(workers.some((candidate) => fits(candidate) && !candidate.draining)).toBe(false);
          // A worker that drains gains nothing.
          if (home?.draining) expect(before[index]!.workerId).toBe(home.id);
        }
        expect(assignCameras(placed, workers).changes.size).toBe(0);
      }),
    );
  });
});
