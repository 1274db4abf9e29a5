import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { ensureDemoClips } from "@octet/demo/clips";
import { SeverableProxy } from "@octet/testing/severable-proxy";
import { sharedClips } from "@octet/testing/shared-clips";
import { waitFor } from "@octet/testing/wait-for";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Site } from "./site.ts";

interface ListedCamera {
  id: string;
  workerId: string | null;
  status: { state: string; workerId: string | null; counters: { inferred: number } } | null;
}

let site: Site;
let network: SeverableProxy;
const cameras: string[] = [];

beforeAll(async () => {
  site = await Site.start();
  network = await SeverableProxy.start({ host: "127.0.0.1", port: site.port });
  const clips = await ensureDemoClips(sharedClips());
  for (const worker of ["one", "two"]) {
    const media = path.join(site.home, worker, "media");
    mkdirSync(media, { recursive: true });
    for (const clip of clips) copyFileSync(clip.path, path.join(media, path.basename(clip.path)));
  }
  for (const [index, clip] of [...clips.slice(0, 2), ...clips.slice(0, 2)].entries())
    cameras.push((await site.addCamera({ name: `Camera ${index}`, url: `file:${path.basename(clip.path)}`, detectFps: 2 })).id);
  await site.addWorker("one", { OCTET_LABELS: "site=north" });
  await allOn("one");
});

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await network?.[Symbol.asyncDispose]();
});

const listed = (): Promise<ListedCamera[]> => site.query("cameras.list");
const runsOn = ({ status, workerId }: ListedCamera, worker: string): boolean =>
  workerId === worker && status?.state === "online" && status.workerId === worker;
const allOn = (worker: string): Promise<boolean> =>
  waitFor(`all cameras to run on ${worker}`, async () => (await listed()).every((camera) => runsOn(camera, worker)), 60_000);
const shared = (): Promise<boolean> =>
  waitFor(
    // How many each gets depends on what they measured: two here, or three and one.
    "both workers to run cameras",
    async () => {
      const all = await listed();
      const running = (worker: string): number => all.filter((camera) => runsOn(camera, worker)).length;
      return running("one") > 0 && running("two") > 0 && running("one") + running("two") === all.length;
    },
    60_000,
  );

/** Waits until each camera has frames in the database that were taken after now. */
async function flowing(): Promise<void> {
  const since = new Date();
  await waitFor(
    "new detections of each camera",
    async () => {
      const fresh = await site.db.detection.findMany({
        where: { capturedAt: { gt: since } },
        distinct: ["cameraId"],
        select: { cameraId: true },
      });
      return fresh.length === cameras.length;
    },
    60_000,
  );
}

/** How often, in the order in which a camera's stored frames were taken, one worker follows another. */
async function changesOfWorker(cameraId: string): Promise<number> {
  const rows = await site.db.detection.findMany({
    where: { cameraId },
    distinct: ["frameId"],
    select: { workerId: true },
    orderBy: [{ capturedAt: "asc" }, { frameId: "asc" }],
  });
  return rows.filter(({ workerId }, at) => at > 0 && workerId !== rows[at - 1]!.workerId).length;
}

/** As often as it was handed over: had two workers' frames of one time been stored, they would follow each other more often. */
async function expectEachFrameOnce(): Promise<void> {
  for (const cameraId of cameras) {
    const changes = await changesOfWorker(cameraId);
    const leases = await site.db.cameraLease.count({ where: { cameraId, from: { not: null } } });
    expect(changes).toBeLessThan(leases);
  }
}

it("shares the cameras with a worker that joins, and empties it again when it drains", async () => {
  await site.addWorker("two", { OCTET_URL: `http://127.0.0.1:${network.port}` });
  await shared();
  await flowing();
  await site.mutate("workers.drain", { id: "two", draining: true });
  await allOn("one");
  await flowing();
  const [two] = await site
    .query<{ draining: boolean; labels: string[]; load: { cameras: number } | null }[]>("workers.list")
    .then((all) => all.filter(({ draining }) => draining));
  expect(two?.labels).toEqual(expect.arrayContaining(["provider=cpu", "arch=x64"]));
  await expectEachFrameOnce();
  await site.mutate("workers.drain", { id: "two", draining: false });
  await shared();
});

it("keeps a camera to the labels that it asks for", async () => {
  const before = (await listed()).find(({ workerId }) => workerId === "two")!;
  await site.mutate("cameras.update", { id: before.id, patch: { placement: { require: ["site=north"], prefer: [], exclude: [] } } });
  await waitFor("the camera to run where it must", async () => runsOn((await listed()).find(({ id }) => id === before.id)!, "one"), 60_000);
  await site.mutate("cameras.update", { id: before.id, patch: { placement: { require: [], prefer: [], exclude: [] } } });
  await shared();
});

it("gives the cameras of a worker that is cut off to another one, and takes no frame twice when it is back", async () => {
  await flowing();
  network.sever();
  await allOn("one");
  await flowing();
  // Nobody told the worker: it goes on with its cameras, and keeps what it finds.
  network.mend();
  await waitFor(
    "the worker to be back and to have sent what it kept",
    async () => {
      const all = await site.query<{ id: string; online: boolean; load: { spool: { records: number } } | null }[]>("workers.list");
      const two = all.find(({ id }) => id === "two");
      // The newest record of a camera waits for a tenth of a second, and may be there whenever the worker reports.
      return two?.online === true && two.load !== null && two.load.spool.records <= cameras.length;
    },
    90_000,
  );
  await shared();
  await flowing();
  await expectEachFrameOnce();
  expect(await site.metric("octet_frames_refused_total")).toBeGreaterThan(0);
});

it("has the cameras of a worker that ends run elsewhere before it is gone", async () => {
  const before = (await listed()).filter(({ workerId }) => workerId === "two");
  expect(await site.endWorker("two")).toBe(0);
  // Nothing is waited for here: they ran there already.
  const after = await listed();
  for (const { id } of before) expect(runsOn(after.find((camera) => camera.id === id)!, "one")).toBe(true);
  await expectEachFrameOnce();
});
