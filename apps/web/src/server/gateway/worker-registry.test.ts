import { expect, it } from "vitest";
import type { WorkerLink } from "./worker-link.ts";
import { type ConnectedWorker, WorkerRegistry } from "./worker-registry.ts";

const worker = (id: string, leaving = false): ConnectedWorker => ({
  id,
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
  telemetry: null,
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
