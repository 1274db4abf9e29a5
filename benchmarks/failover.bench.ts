// What a site of three workers loses and doubles when parts of it fail: one worker killed, one cut off the network until it
// returns, one drained, the web process killed and started again, Postgres crashed and restarted. Real processes on this host,
// file cameras whose faces are always there. For each: seconds until all cameras run again (on others, where theirs is gone),
// the longest time without a stored frame of any camera around it, and how often frames of two workers take turns more than the
// camera changed hands: each such turn is a stretch that both stored. The physical limit of the gap is the cameras' own period.
//
//   npm run bench -- failover [--cameras N] [--fps N] [--rounds N] [--only TEXT: events whose name holds it]
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDemoClips } from "@octet/demo/clips";
import { median } from "@octet/precision/bench/statistics";
import { SeverableProxy } from "@octet/testing/severable-proxy";
import { sharedClips } from "@octet/testing/shared-clips";
import { waitFor } from "@octet/testing/wait-for";
import { Site } from "../e2e/system/site.ts";
import { writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    cameras: { type: "string", default: "6" },
    fps: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: "" },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const fps = Number(values.fps);
const names = ["one", "two", "three"];
/** Frames are looked at from so long before the fault. */
const BEFORE_MS = 5000;
const SETTLE_MS = 120_000;

interface ListedCamera {
  id: string;
  workerId: string | null;
  status: { state: string; workerId: string | null } | null;
}

const site = await Site.start();
const network = await SeverableProxy.start({ host: "127.0.0.1", port: site.port });
const clips = await ensureDemoClips(sharedClips());

/** Workers on the same host: each may be killed, the second also cut off. */
async function start(name: string): Promise<void> {
  const media = path.join(site.home, name, "media");
  mkdirSync(media, { recursive: true });
  for (const clip of clips) copyFileSync(clip.path, path.join(media, path.basename(clip.path)));
  await site.addWorker(name, name === "two" ? { OCTET_URL: `http://127.0.0.1:${network.port}` } : {});
}

const listed = (): Promise<ListedCamera[]> => site.query("cameras.list");
const runs = ({ status, workerId }: ListedCamera): boolean =>
  workerId !== null && status?.state === "online" && status.workerId === workerId;
const handingOver = async (): Promise<boolean> => (await site.db.cameraLease.count({ where: { from: null, until: null } })) > 0;

/** Until every camera runs where it belongs, on none of these workers, and nothing moves any more. */
async function settled(without: readonly string[] = []): Promise<void> {
  await waitFor(
    "all cameras to run",
    async () => {
      const all = await listed();
      return all.every((camera) => runs(camera) && !without.includes(camera.workerId!)) && !(await handingOver());
    },
    SETTLE_MS,
  );
}

/** Until all three have cameras again. */
async function spread(): Promise<void> {
  await waitFor("each worker to run cameras", async () => new Set((await listed()).map(({ workerId }) => workerId)).size === 3, SETTLE_MS);
  await settled();
}

async function flowing(): Promise<void> {
  const since = new Date();
  const count = (await listed()).length;
  await waitFor(
    "frames of each camera",
    async () =>
      (await site.db.detection.findMany({ where: { capturedAt: { gt: since } }, distinct: ["cameraId"], select: { cameraId: true } }))
        .length === count,
    SETTLE_MS,
  );
}

/** Frames that were stored, by camera, in the order of their time. */
async function frames(since: number): Promise<Map<string, { at: number; workerId: string }[]>> {
  const rows = await site.db.detection.findMany({
    where: { capturedAt: { gt: new Date(since) } },
    distinct: ["frameId"],
    select: { cameraId: true, capturedAt: true, workerId: true },
    orderBy: { capturedAt: "asc" },
  });
  const by = new Map<string, { at: number; workerId: string }[]>();
  for (const { cameraId, capturedAt, workerId } of rows)
    by.set(cameraId, [...(by.get(cameraId) ?? []), { at: capturedAt.getTime(), workerId }]);
  return by;
}

interface Outcome {
  secondsUntilAllRun: number;
  longestGapSeconds: number;
  stretchesStoredTwice: number;
}

/** @param fault resolves when it has happened; @param end brings all back to how it was */
async function observe(fault: () => Promise<void>, recovered: () => Promise<void>, end: () => Promise<void>): Promise<Outcome> {
  await flowing();
  const began = Date.now();
  await fault();
  await recovered();
  const seconds = (Date.now() - began) / 1000;
  await flowing();
  await end();
  await spread();
  await flowing();
  // What was spooled meanwhile is in by now.
  const by = await frames(began - BEFORE_MS);
  let gap = 0;
  let twice = 0;
  for (const [cameraId, list] of by) {
    let turns = 0;
    for (const [index, { at, workerId }] of list.entries()) {
      const before = list[index - 1];
      if (!before) continue;
      gap = Math.max(gap, (at - before.at) / 1000);
      if (before.workerId !== workerId) turns++;
    }
    const leases = await site.db.cameraLease.count({ where: { cameraId, from: { gt: new Date(list[0]!.at) } } });
    twice += Math.max(0, turns - leases);
  }
  return { secondsUntilAllRun: seconds, longestGapSeconds: gap, stretchesStoredTwice: twice };
}

try {
  for (let index = 0; index < Number(values.cameras); index++)
    await site.addCamera({ name: `Camera ${index}`, url: `file:${path.basename(clips[index % clips.length]!.path)}`, detectFps: fps });
  for (const name of names) await start(name);
  await spread();
  const events: Record<string, () => Promise<Outcome>> = {
    "nothing happens": () =>
      observe(
        () => new Promise((resolve) => setTimeout(resolve, 5000)),
        () => settled(),
        async () => {},
      ),
    "a worker drains": () =>
      observe(
        () => site.mutate("workers.drain", { id: "three", draining: true }),
        () => settled(["three"]),
        () => site.mutate("workers.drain", { id: "three", draining: false }),
      ),
    "a worker is killed": () =>
      observe(
        async () => void (await site.endWorker("three", "SIGKILL")),
        () => settled(["three"]),
        () => start("three"),
      ),
    "a worker is cut off and returns": () =>
      observe(
        async () => network.sever(),
        () => settled(["two"]),
        async () => network.mend(),
      ),
    "the web process is killed": () =>
      observe(
        async () => {
          await site.endWeb("SIGKILL");
          await site.startWeb();
        },
        () => settled(),
        async () => {},
      ),
    "Postgres crashes": () =>
      observe(
        async () => {
          await site.postgres.crash();
          await site.postgres.restart();
        },
        () => settled(),
        async () => {},
      ),
  };
  const results = [];
  for (const [event, run] of Object.entries(events).filter(([name]) => name.includes(values.only))) {
    const outcomes: Outcome[] = [];
    for (let round = 0; round < Number(values.rounds); round++) outcomes.push(await run());
    const of = (pick: (outcome: Outcome) => number) => ({ median: median(outcomes.map(pick)), worst: Math.max(...outcomes.map(pick)) });
    const result = {
      event,
      secondsUntilAllRun: of((outcome) => outcome.secondsUntilAllRun),
      longestGapSeconds: of((outcome) => outcome.longestGapSeconds),
      stretchesStoredTwice: outcomes.reduce((sum, { stretchesStoredTwice }) => sum + stretchesStoredTwice, 0),
    };
    results.push(result);
    say(
      `${event}: all cameras run again after ${result.secondsUntilAllRun.median.toFixed(1)} s (worst ${result.secondsUntilAllRun.worst.toFixed(1)}), longest gap ${result.longestGapSeconds.median.toFixed(1)} s (worst ${result.longestGapSeconds.worst.toFixed(1)}; the period is ${(1 / fps).toFixed(1)}), ${result.stretchesStoredTwice} stretches stored twice`,
    );
  }
  say(
    `\nWritten to ${writeResult("failover", { workers: names.length, cameras: Number(values.cameras), detectFps: fps, rounds: Number(values.rounds), results })}`,
  );
} catch (error) {
  say(JSON.stringify({ cameras: await listed(), leases: await site.db.cameraLease.findMany({ where: { until: null } }) }, null, 1));
  for (const [name, { log }] of site.workers) say(`${name}: ${log.slice(-1500)}`);
  throw error;
} finally {
  await site[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
}
