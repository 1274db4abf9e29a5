// What one gateway process carries: simulated workers and browsers, each kind in a process of its own, a real PostgreSQL, all on
// this host and so on the same cores. The real gateway, but for the pages. Every message holds one face with its landmarks; one
// in 25 a thumbnail of 2.5 kB, as a track's first good look.
//
//   live      browsers that each watch 16 cameras at 5 frames a second: boxes alone, and with previews of 8 kB
//   status    workers report all their cameras each second, and browsers show states
//   store     detections to be stored: as many as 10,000 cameras at 5 a second have, or the share of it that is stored
//   both      all of it at once
//   replicas  how a frame gets to another web process: directly, or by NOTIFY
//
// Against, in the same run: a server that only hands frames on by socket.io's rooms, a message each; the same rows by the same statement without
// a gateway, and by COPY.
//
//   npm run bench -- fanout [--quick] [--only live,store] [--browsers 25,50] [--seconds N] [--profile FILE: the gateway's CPU profile of what runs]
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createDatabase } from "@octet/db/client";
import { insertDetections } from "@octet/db/detections/insert-detections";
import { EmbeddedPostgres } from "@octet/db/embedded/embedded-postgres";
import { applyMigrations } from "@octet/db/migrate/migrations";
import { detectionRecordSchema } from "@octet/shared/domain/detection";
import { waitFor } from "@octet/testing/wait-for";
import { hello, record } from "./fanout/messages.ts";
import { Program } from "./fanout/program.ts";
import { relays } from "./fanout/relays.ts";
import { writeResult } from "./report.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "live,status,store,both,replicas" },
    seconds: { type: "string" },
    profile: { type: "string" },
    browsers: { type: "string" },
    out: { type: "string" },
  },
});
const quick = values.quick;
const seconds = Number(values.seconds ?? (quick ? 2 : 6));
const only = new Set(values.only.split(","));
const CAMERAS = quick ? 500 : 10_000;
const WORKERS = quick ? 5 : 20;
const PER_SCREEN = 16;
const RATE = 5;
const screensOf = values.browsers ? values.browsers.split(",").map(Number) : quick ? [10] : [10, 25, 50, 100, 200];
const storeRates = quick ? [2000] : [1000, 2500, 5000, 10_000, 20_000, 50_000];
const say = (text: string) => process.stdout.write(`${text}\n`);

const home = mkdtempSync(path.join(os.tmpdir(), "octet-fanout-"));
const secret = "0123456789abcdef0123456789abcdef";
// The gateway's database rooms read these.
Object.assign(process.env, { OCTET_SECRET: secret, OCTET_HOME: home, LOG_LEVEL: "error" });
const postgres = await EmbeddedPostgres.start({ home: path.join(home, "postgres") });
process.env["DATABASE_URL"] = postgres.url;
await applyMigrations(postgres.url);
const db = createDatabase(postgres.url, { connections: 6 });
const { sealingKey } = await import("../apps/web/src/server/boot/secrets.ts");
const { seal } = await import("../apps/web/src/features/cameras/seal.ts");

/** Cameras that workers have already: who places them is not measured here. */
const workerIds = Array.from({ length: WORKERS }, (_, index) => `worker-${String(index).padStart(3, "0")}`);
const cameras = Array.from({ length: CAMERAS }, (_, index) => ({ id: randomUUID(), workerId: workerIds[index % WORKERS]! }));
for (const id of workerIds) {
  const { name, version, host, model, labels } = hello(id);
  await db.worker.create({ data: { id, name, version, host, model, labels } });
}
const urlSealed = seal(sealingKey(), "rtsp://camera.example/1");
await db.camera.createMany({ data: cameras.map(({ id, workerId }, n) => ({ id, name: `Camera ${n}`, urlSealed, workerId, epoch: 1 })) });
const from = new Date(Date.now() - 60_000);
await db.cameraLease.createMany({ data: cameras.map(({ id, workerId }) => ({ cameraId: id, epoch: 1, workerId, from })) });

const programs: Program[] = [];
interface Site {
  url: string;
  gateway: Program;
  workers: Program;
  browsers: Program;
}

async function site(bare: boolean): Promise<Site> {
  const own = Object.fromEntries(workerIds.map((id) => [id, cameras.filter(({ workerId }) => workerId === id).map((camera) => camera.id)]));
  // Too much for an environment.
  const list = path.join(home, "cameras.json");
  writeFileSync(list, JSON.stringify(own));
  const gateway = new Program("gateway", bare ? ["--bare"] : [], { BARE_CAMERAS: list });
  const url = await gateway.ready();
  const [workers, browsers] = [new Program("workers"), new Program("browsers")];
  programs.push(gateway, workers, browsers);
  await workers.ask({ do: "join", url, ids: workerIds, oneByOne: bare });
  await waitFor(
    "workers to have their cameras",
    async () => (await workers.ask<{ cameras: number }>({ do: "state" })).cameras === CAMERAS,
    60_000,
    200,
  );
  return { url, gateway, workers, browsers };
}

async function end({ gateway, workers, browsers }: Site): Promise<void> {
  for (const program of [browsers, workers, gateway]) await program.end();
}

/** Different screens, the same in each run: strides over the cameras that share no factor with their number. */
const screens = (count: number): string[][] =>
  Array.from({ length: count }, (_, screen) =>
    Array.from({ length: PER_SCREEN }, (_, tile) => cameras[(screen * 37 + tile * 613) % CAMERAS]!.id),
  );

interface Load {
  browsers: number;
  previews: boolean;
  status: boolean;
  telling: boolean;
  recordsPerSecond: number;
}

async function measure({ url, gateway, workers, browsers }: Site, load: Load) {
  if (load.browsers > 0)
    await browsers.ask({ do: "watch", url, screens: screens(load.browsers), previews: load.previews, status: load.status });
  const watched = new Set(screens(load.browsers).flat()).size;
  await waitFor(
    "workers to hear what is watched",
    async () => (await workers.ask<{ watched: number }>({ do: "state" })).watched === watched,
    60_000,
    100,
  );
  await workers.ask({
    do: "send",
    framesPerSecond: load.browsers > 0 ? RATE : 0,
    recordsPerSecond: load.recordsPerSecond,
    telling: load.telling,
  });
  // All states are new at first, and go to browsers 1,000 a second.
  await delay(quick ? 500 : load.telling ? 15_000 : 2000);
  await Promise.all([workers.ask({ do: "take" }), browsers.ask({ do: "take" })]);
  const before = await gateway.ask<{ seconds: number; at: number }>({ do: "cpu" });
  const dueBefore = (await workers.ask<{ due: number }>({ do: "state" })).due;
  const began = performance.now();
  await delay(seconds * 1000);
  const [sent, seen, cpu, { due }] = await Promise.all([
    workers.ask<{ frames: number; stored: number; acks: number[]; lost: number; seconds: number }>({ do: "take" }),
    browsers.ask<{ frames: number; p50: number; p99: number; statuses: number; seconds: number }>({ do: "take" }),
    gateway.ask<{ seconds: number; at: number; rssBytes: number; longestStallMs: number }>({ do: "cpu" }),
    workers.ask<{ due: number }>({ do: "state" }),
  ]);
  const took = (performance.now() - began) / 1000;
  await workers.ask({ do: "send", framesPerSecond: 0, recordsPerSecond: 0, telling: false });
  await browsers.ask({ do: "leave" });
  await delay(300);
  const acks = [...sent.acks].sort((a, b) => a - b);
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    ...load,
    gatewayCores: round((cpu.seconds - before.seconds) / (cpu.at - before.at)),
    longestStallMs: Math.round(cpu.longestStallMs),
    connectionsLost: sent.lost,
    gatewayRssMiB: Math.round(cpu.rssBytes / 2 ** 20),
    ...(load.browsers > 0
      ? {
          framesInPerSecond: Math.round(sent.frames / sent.seconds),
          framesOutPerSecond: Math.round(seen.frames / seen.seconds),
          delivered: round(seen.frames / seen.seconds / ((sent.frames / sent.seconds) * ((load.browsers * PER_SCREEN) / watched))),
          latencyMs: { p50: round(seen.p50), p99: round(seen.p99) },
          statusesOutPerSecond: Math.round(seen.statuses / seen.seconds),
        }
      : {}),
    ...(load.recordsPerSecond > 0
      ? {
          rowsPerSecond: Math.round(sent.stored / sent.seconds),
          storedShare: round(sent.stored / sent.seconds / load.recordsPerSecond),
          backlogPerSecond: Math.round((due - dueBefore) / took),
          batchMs: { p50: round(acks[Math.floor(acks.length * 0.5)] ?? 0), p99: round(acks[Math.floor(acks.length * 0.99)] ?? 0) },
        }
      : {}),
  };
}

type Measured = Awaited<ReturnType<typeof measure>>;

/** Rows a second without a gateway: by the same statement, and by COPY of what is stored by then. */
async function bareRows() {
  const worker = workerIds[0]!;
  // Made before: while they are made, nothing is written.
  const batches = Array.from({ length: quick ? 5 : 50 }, (_, batch) =>
    Array.from({ length: 2000 }, (_, index) => {
      const n = batch * 2000 + index;
      return detectionRecordSchema.parse(record(cameras[n % CAMERAS]!.id, n, worker, 1));
    }),
  );
  let stored = 0;
  const began = performance.now();
  const loop = async (): Promise<void> => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) stored += (await insertDetections(db, batch)).stored;
  };
  await Promise.all([loop(), loop()]);
  const insert = stored / ((performance.now() - began) / 1000);
  await db.$executeRawUnsafe("CREATE TABLE copied (LIKE detection INCLUDING ALL)");
  const [{ directory } = { directory: "" }] = await db.$queryRawUnsafe<{ directory: string }[]>(
    "SELECT current_setting('data_directory') AS directory",
  );
  const file = `${directory}/copied.bin`;
  await db.$executeRawUnsafe(`COPY (SELECT * FROM detection LIMIT 100000) TO '${file}' (FORMAT binary)`);
  const copyBegan = performance.now();
  const copied = await db.$executeRawUnsafe(`COPY copied FROM '${file}' (FORMAT binary)`);
  const copy = copied / ((performance.now() - copyBegan) / 1000);
  await db.$executeRawUnsafe("DROP TABLE copied");
  return { insertPerSecond: Math.round(insert), copyPerSecond: Math.round(copy) };
}

const nothing: Load = { browsers: 0, previews: false, status: false, telling: false, recordsPerSecond: 0 };
const results: Record<string, unknown> = {};
const show = (name: string, result: unknown) => say(`${name}: ${JSON.stringify(result)}`);

try {
  /** A fresh site for each: what one left behind must not weigh on the next. */
  const onSite = async <T>(run: (site: Site) => Promise<T>): Promise<T> => {
    const real = await site(false);
    if (values.profile) await real.gateway.ask({ do: "profile" });
    const result = await run(real);
    if (values.profile) await real.gateway.ask({ do: "profiled", file: path.resolve(values.profile) });
    await end(real);
    return result;
  };
  const live: Measured[] = [];
  if (only.has("live"))
    await onSite(async (real) => {
      for (const previews of [false, true])
        for (const browsers of screensOf) {
          live.push(await measure(real, { ...nothing, browsers, previews }));
          show("live", live.at(-1));
          // Beyond this it only gets worse.
          if ((live.at(-1)?.delivered ?? 0) < 0.8) break;
        }
    });
  if (only.has("live")) results["live"] = live;
  if (only.has("status")) {
    results["status"] = await onSite((real) => measure(real, { ...nothing, browsers: 10, status: true, telling: true }));
    show("status", results["status"]);
  }
  const store: Measured[] = [];
  if (only.has("store")) {
    await onSite(async (real) => {
      for (const recordsPerSecond of storeRates) {
        store.push(await measure(real, { ...nothing, recordsPerSecond }));
        show("store", store.at(-1));
        if ((store.at(-1)?.storedShare ?? 1) < 0.8) break;
      }
    });
    results["store"] = store;
  }
  // On the same tables, as full and as warm.
  if (only.has("store") && !values.profile) {
    const rows = await bareRows();
    const best = Math.max(...store.map(({ rowsPerSecond = 0 }) => rowsPerSecond));
    results["bareRows"] = {
      ...rows,
      gatewayShareOfInsert: Math.round((best / rows.insertPerSecond) * 100) / 100,
      gatewayShareOfCopy: Math.round((best / rows.copyPerSecond) * 1000) / 1000,
    };
    show("bare rows", results["bareRows"]);
  }
  if (only.has("both")) {
    const load = { browsers: 10, previews: false, status: true, telling: true, recordsPerSecond: 1000 };
    results["both"] = await onSite((real) => measure(real, load));
    show("both", results["both"]);
  }
  if (only.has("live") && !values.profile) {
    const bare = await site(true);
    const relayed: Measured[] = [];
    for (const { browsers, previews } of live) {
      relayed.push(await measure(bare, { ...nothing, browsers, previews }));
      show("bare relay", relayed.at(-1));
    }
    await end(bare);
    results["bareRelay"] = relayed;
    results["liveCpuOverBareRelay"] = live.map(({ gatewayCores, framesOutPerSecond = 1 }, n) => {
      const { gatewayCores: cores = 1, framesOutPerSecond: out = 1 } = relayed[n] ?? {};
      return Math.round((gatewayCores / framesOutPerSecond / (cores / out)) * 100) / 100;
    });
  }
  if (only.has("replicas") && !values.profile) {
    results["replicas"] = await relays(postgres.url, quick ? 500 : 5000);
    show("replicas", results["replicas"]);
  }
  if (!values.profile) {
    // What was not measured now stays as it was.
    const file = values.out ?? fileURLToPath(new URL("./results/fanout.json", import.meta.url));
    const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : {};
    const site = { cameras: CAMERAS, workers: WORKERS, camerasPerScreen: PER_SCREEN, framesPerSecond: RATE, seconds };
    const { name: _name, date: _date, host: _host, ...kept } = before["cameras"] === CAMERAS ? before : {};
    say(`\nWritten to ${writeResult("fanout", { ...kept, ...site, ...results }, values.out)}`);
  }
} finally {
  for (const program of programs) await program.end();
  await db.$disconnect();
  await postgres.stop();
  rmSync(home, { recursive: true, force: true });
}
