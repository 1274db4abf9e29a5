import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { ensureDemoClips } from "@octet/demo/clips";
import { sharedClips } from "@octet/testing/shared-clips";
import { waitFor } from "@octet/testing/wait-for";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Site } from "./site.ts";

let site: Site;
let cameras: string[];

beforeAll(async () => {
  site = await Site.start();
  const clips = await ensureDemoClips(sharedClips());
  const media = path.join(site.home, "one", "media");
  mkdirSync(media, { recursive: true });
  for (const clip of clips) copyFileSync(clip.path, path.join(media, path.basename(clip.path)));
  await site.addWorker("one");
  cameras = [];
  for (const clip of clips.slice(0, 2))
    cameras.push((await site.addCamera({ name: clip.title, url: `file:${path.basename(clip.path)}`, detectFps: 5 })).id);
  await flowing();
});

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
});

const rows = (): Promise<number> => site.db.detection.count();

/** Waits until newly committed detections arrive. */
async function flowing(): Promise<void> {
  const before = await rows();
  await waitFor("detections in the database", async () => (await rows()) > before + 5);
}

/** Stops the cameras, waits until the spool is empty, and compares what was detected with what is stored. */
async function expectNothingLostNorDoubled(): Promise<void> {
  for (const id of cameras) await site.mutate("cameras.update", { id, patch: { enabled: false } });
  const settled = await waitFor("all that was detected to be stored", async () => {
    const [worker] =
      await site.query<{ load: { spool: { records: number; lostRecords: number }; cameras: number } | null }[]>("workers.list");
    const detected = await site.metric("octet_detections_total");
    const stored = await rows();
    return worker?.load?.cameras === 0 && worker.load.spool.records === 0 && detected === stored
      ? { detected, stored, lost: worker.load.spool.lostRecords }
      : null;
  });
  expect(settled.lost).toBe(0);
  expect(settled.stored).toBe(settled.detected);
  expect(settled.stored).toBeGreaterThan(20);
  for (const id of cameras) await site.mutate("cameras.update", { id, patch: { enabled: true } });
  await flowing();
}

it("loses nothing and doubles nothing when the gateway restarts", async () => {
  await site.endWeb("SIGKILL");
  const spooled = () => [...(site.workers.get("one")?.log ?? "").matchAll(/gateway is away/g)].length;
  await waitFor("the worker to notice", () => spooled() > 0);
  // It goes on detecting meanwhile, which is what there is to lose.
  const inferred = await waitFor(
    "some time without a gateway",
    () => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 1500)),
  );
  expect(inferred).toBe(true);
  await site.startWeb();
  await waitFor("the worker to be back", async () =>
    (await site.query<{ online: boolean }[]>("workers.list")).some((worker) => worker.online),
  );
  await flowing();
  await expectNothingLostNorDoubled();
});

it("loses nothing and doubles nothing when Postgres crashes and comes back", async () => {
  const before = await rows();
  await site.postgres.crash();
  await waitFor("the worker to keep what it could not store", () => /detections were not taken/.test(site.workers.get("one")?.log ?? ""));
  expect((await fetch(`${site.url}/api/health`)).status).toBe(503);
  await site.postgres.restart();
  await waitFor("the database to be in use again", async () => (await rows()) > before);
  expect((await fetch(`${site.url}/api/health`)).status).toBe(200);
  await expectNothingLostNorDoubled();
});
