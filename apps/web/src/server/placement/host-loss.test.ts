import { anywhere } from "@octet/shared/domain/placement";
import { describe, expect, it } from "vitest";
import type { PlacedCamera, PlacementWorker } from "./assign.ts";
import { lossOf } from "./host-loss.ts";

const demand = { detectionsPerSecond: 5, pixelsPerSecond: 1e6, memoryBytes: 1e6 };
const cameras = (count: number, workerId: string | null, require: string[] = []): PlacedCamera[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${workerId}-${require}-${at}`, workerId, rule: { ...anywhere, require }, demand }));
const worker = (id: string, rooms: number, more: Partial<PlacementWorker> = {}): PlacementWorker => ({
  ...{ id, labels: new Set<string>(), draining: false },
  capacity: { detectionsPerSecond: 5 * rooms, pixelsPerSecond: 1e6 * rooms, memoryBytes: 1e6 * rooms, sharedCores: false },
  ...more,
});

describe("lossOf", () => {
  it("sends a lost worker's cameras where there is room, and leaves the others where they are", () => {
    const placed = [...cameras(10, "a"), ...cameras(10, "b"), ...cameras(2, "c")];
    expect(lossOf("a", placed, [worker("a", 20), worker("b", 20), worker("c", 20)])).toEqual({
      cameras: expect.objectContaining({ length: 10 }),
      stranded: [],
      hosts: [
        { workerId: "b", gains: 1, load: 0.55 },
        { workerId: "c", gains: 9, load: 0.55 },
      ],
    });
  });

  it("says how far the others would be asked for too much", () => {
    const { hosts } = lossOf("a", [...cameras(10, "a"), ...cameras(8, "b")], [worker("a", 12), worker("b", 12)]);
    expect(hosts).toEqual([{ workerId: "b", gains: 10, load: 1.5 }]);
  });

  it("names cameras that no other worker may run, and sends none to one that drains", () => {
    const placed = [...cameras(2, "a", ["gpu"]), ...cameras(1, "a")];
    const gpu = { labels: new Set(["gpu"]) };
    const loss = lossOf("a", placed, [worker("a", 9, gpu), worker("b", 9), worker("c", 9, { ...gpu, draining: true })]);
    expect(loss.stranded).toEqual(placed.slice(0, 2).map(({ id }) => id));
    expect(loss.hosts.map(({ workerId, gains }) => [workerId, gains])).toEqual([
      ["b", 1],
      ["c", 0],
    ]);
    expect(lossOf("a", placed, [worker("a", 9, gpu)])).toMatchObject({ stranded: placed.map(({ id }) => id), hosts: [] });
  });

  it("knows of cameras that wait already, and counts none of them", () => {
    expect(lossOf("a", [...cameras(1, "a"), ...cameras(3, null, ["none"])], [worker("a", 9), worker("b", 9)])).toMatchObject({
      cameras: ["a--0"],
      stranded: [],
    });
  });
});
