import type { WorkerLoad } from "@octet/shared/domain/worker";
import { newCameraStatus } from "@octet/testing/new-camera-status";
import { expect, it } from "vitest";
import type { WorkerLink } from "./worker-link.ts";
import { type ConnectedWorker, WorkerRegistry } from "./worker-registry.ts";

const worker = (id: string, leaving = false): ConnectedWorker => ({
  id,
  bootId: `${id}-1`,
  name: id,
  cores: 2,
  memoryBytes: 8e9,
  budgetMs: null,
  labels: new Set(),
  draining: false,
  leaving,
  committed: null,
  link: {} as WorkerLink,
  joinedAt: 0,
  load: null,
  reported: new Map(),
  cameras: new Set(),
  jobKinds: new Set(),
});

it("names workers as lost that left without a goodbye, until they are back", () => {
  const registry = new WorkerRegistry();
  const [gone, goodbye] = [worker("gone"), worker("goodbye", true)];
  for (const each of [gone, goodbye]) {
    registry.join(each);
    registry.leave(each.id, each.link, 1000);
  }
  // The database says that it ran cameras when this process began.
  registry.expect(["unseen"], 2000);
  expect([...registry.lost()]).toEqual([
    ["gone", 1000],
    ["unseen", 2000],
  ]);
  registry.join(worker("gone"));
  expect([...registry.lost().keys()]).toEqual(["unseen"]);
});

it("keeps what a worker said of cameras that it does not tell of each time, also of one whose word does not count yet", () => {
  const registry = new WorkerRegistry();
  const one = worker("one");
  registry.join(one);
  registry.setCameras(one, new Set(["a", "b"]));
  const load = { cameras: 2 } as WorkerLoad;
  const [a, b] = [newCameraStatus({ cameraId: "a", workerId: "one" }), newCameraStatus({ cameraId: "b", workerId: "one" })];
  registry.report("one", { cameras: [a, b], load }, ({ cameraId }) => cameraId !== "b");
  registry.report("one", { cameras: [], load }, () => true);
  expect(registry.cameraStatuses()).toEqual([a]);
  registry.believe("b", "one");
  expect(registry.cameraStatuses()).toEqual([a, b]);
  registry.setCameras(one, new Set(["a"]));
  expect(registry.cameraStatuses()).toEqual([a]);
  expect([...one.reported.keys()]).toEqual(["a"]);
});
