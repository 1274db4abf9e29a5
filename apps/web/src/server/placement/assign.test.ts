import fc from "fast-check";
import { expect, it } from "vitest";
import { assignCameras, type PlacedCamera } from "./assign.ts";

const cameras = (count: number, workerId: string | null = null): PlacedCamera[] =>
  Array.from({ length: count }, (_, index) => ({ id: `c${String(index).padStart(3, "0")}`, workerId }));
const apply = (before: PlacedCamera[], changes: Map<string, string | null>): PlacedCamera[] =>
  before.map((camera) => ({ ...camera, workerId: changes.get(camera.id) ?? camera.workerId }));
const count = (placed: PlacedCamera[], id: string): number => placed.filter((camera) => camera.workerId === id).length;

it("spreads new cameras by the workers' size", () => {
  const placed = apply(
    cameras(9),
    assignCameras(cameras(9), [
      { id: "a", weight: 2 },
      { id: "b", weight: 1 },
    ]),
  );
  expect([count(placed, "a"), count(placed, "b")]).toEqual([6, 3]);
});

it("leaves cameras where they are when nothing calls for a move", () => {
  const placed = [...cameras(3, "a"), ...cameras(6, "b").slice(3)];
  expect(
    assignCameras(placed, [
      { id: "a", weight: 1 },
      { id: "b", weight: 1 },
    ]).size,
  ).toBe(0);
});

it("moves only the cameras of a worker that left", () => {
  const placed = [...cameras(4, "a"), ...cameras(8, "gone").slice(4)];
  const changes = assignCameras(placed, [
    { id: "a", weight: 1 },
    { id: "b", weight: 1 },
  ]);
  expect([...changes.values()]).toEqual(["b", "b", "b", "b"]);
});

it("gives a worker that joins its share, with as few moves as that takes", () => {
  const changes = assignCameras(cameras(10, "a"), [
    { id: "a", weight: 1 },
    { id: "b", weight: 1 },
  ]);
  expect(changes.size).toBe(5);
});

it("changes nothing where there is no worker at all", () => {
  expect(assignCameras(cameras(3, "gone"), []).size).toBe(0);
});

it("is stable: what it decides once, it leaves alone the next time, and all are even within one camera", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "c", "gone", null), { maxLength: 60 }),
      fc.subarray(["a", "b", "c"], { minLength: 1 }),
      (homes, ids) => {
        const before = homes.map((workerId, index) => ({ id: `c${index}`, workerId }));
        const workers = ids.map((id) => ({ id, weight: 1 }));
        const placed = apply(before, assignCameras(before, workers));
        expect(assignCameras(placed, workers).size).toBe(0);
        const counts = ids.map((id) => count(placed, id));
        expect(counts.reduce((sum, value) => sum + value, 0)).toBe(before.length);
        if (before.length > 0) expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      },
    ),
  );
});
