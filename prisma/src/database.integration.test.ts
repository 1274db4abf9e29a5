import { randomUUID } from "node:crypto";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestPostgres } from "../../packages/testing/src/postgres.ts";
import { SeverableProxy } from "../../packages/testing/src/severable-proxy.ts";
import { createDatabase, type Database, isDatabaseUnavailable } from "./client.ts";
import { insertDetections } from "./detections/insert-detections.ts";
import { dropPartitionsBefore, ensurePartitions } from "./detections/partitions.ts";
import { applyMigrations, schemaSql } from "./migrate/migrations.ts";

let postgres: TestPostgres;
let db: Database;
const cameraId = randomUUID();
const DAY_MS = 86_400_000;

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 4 });
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
});

function record(capturedAt: number, faces = 2): DetectionRecord {
  const box = { x: 0.1, y: 0.2, w: 0.3, h: 0.4 };
  return {
    frameId: randomUUID(),
    cameraId,
    workerId: "w",
    modelId: "m",
    epoch: null,
    seq: 1,
    ptsMs: 40,
    capturedAt,
    width: 640,
    height: 360,
    stages: { network: 7, decode: 1, queue: 2, preprocess: 3, infer: 4, postprocess: 5, publish: 6 },
    detections: Array.from({ length: faces }, (_, index) => ({
      box,
      score: 0.9,
      label: "face",
      landmarks: index === 0 ? [0.1, 0.2, 0.3, 0.4] : null,
      trackId: index === 0 ? null : 7,
    })),
    thumbnails: [{ index: 1, jpeg: Uint8Array.from([0xff, 0xd8, 0, 255]) }],
  };
}

it("has nothing left to migrate, and the migrations make what the schema says", async () => {
  expect(await applyMigrations(postgres.url)).toEqual([]);
  const columns = async (url: string): Promise<string[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ line: string }>(
      "select concat_ws(' ', table_name, column_name, data_type, udt_name, is_nullable, column_default) as line from information_schema.columns where table_schema = 'public' and table_name <> '_prisma_migrations' order by 1",
    );
    const { rows: indexes } = await client.query<{ line: string }>(
      "select indexdef as line from pg_indexes where schemaname = 'public' and tablename <> '_prisma_migrations' and indexname <> 'detection_shown_idx' order by 1",
    );
    await client.end();
    return [...rows, ...indexes].map(({ line }) => line.replace(" ONLY ", " "));
  };
  const admin = new Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query("create database drift");
  await admin.end();
  const other = postgres.url.replace(/\/[^/]*$/, "/drift");
  const client = new Client({ connectionString: other });
  await client.connect();
  await client.query(await schemaSql(postgres.url));
  await client.end();
  expect(await columns(postgres.url)).toEqual(await columns(other));
});

it("stores a record once, however often and however mixed it comes", async () => {
  const now = Date.now();
  const records = Array.from({ length: 20 }, (_, index) => record(now - index * 1000));
  expect(await insertDetections(db, records.slice(0, 12))).toEqual({ stored: 24, repeated: 0 });
  expect(await insertDetections(db, records.slice(6))).toEqual({ stored: 16, repeated: 12 });
  const results = await Promise.all([insertDetections(db, records), insertDetections(db, records)]);
  expect(results).toEqual([
    { stored: 0, repeated: 40 },
    { stored: 0, repeated: 40 },
  ]);
  const row = await db.detection.findFirstOrThrow({ where: { frameId: records[0]?.frameId, index: 1 } });
  expect(row).toMatchObject({ cameraId, trackId: 7, landmarks: [], inferMs: 4, capturedAt: new Date(now) });
  expect([...(row.thumbnail ?? [])]).toEqual([0xff, 0xd8, 0, 255]);
});

it("keeps days apart and drops old ones whole", async () => {
  const now = Date.now();
  await insertDetections(db, [record(now - 40 * DAY_MS), record(now - 3 * DAY_MS)]);
  await Promise.all(Array.from({ length: 4 }, () => ensurePartitions(db, [now + DAY_MS])));
  const before = await db.detection.count();
  const dropped = await dropPartitionsBefore(db, now - 30 * DAY_MS);
  expect(dropped).toHaveLength(1);
  expect(await db.detection.count()).toBe(before - 2);
  // The day comes back if something is late, though this process believes that it is there.
  await expect(insertDetections(db, [record(now - 40 * DAY_MS)])).resolves.toEqual({ stored: 2, repeated: 0 });
});

it("reads one camera's last hour by index, from today's partitions alone", async () => {
  const now = Date.now();
  for (let day = 0; day < 5; day++)
    await insertDetections(
      db,
      Array.from({ length: 100 }, (_, index) => record(now - day * DAY_MS - index * 1000, 5)),
    );
  await db.$executeRawUnsafe("analyze detection");
  await db.$executeRawUnsafe("set enable_seqscan = on");
  const plan = await db.$queryRawUnsafe<{ "QUERY PLAN": string }[]>(
    `explain select frame_id from detection where camera_id = '${cameraId}' and captured_at > '${new Date(now - 3_600_000).toISOString()}' and captured_at <= '${new Date(now).toISOString()}' order by captured_at desc, frame_id desc, index desc limit 50`,
  );
  const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
  const partitions = new Set(text.match(/d\d{8}/g));
  expect(partitions.size).toBeLessThanOrEqual(2);
  expect(text).toMatch(/Index/);
});

it("tells a database that is away from a mistake of ours, and works again when it is back", async () => {
  expect(await db.$queryRawUnsafe("select nonsense").catch(isDatabaseUnavailable)).toBe(false);
  await postgres.crash();
  expect(await insertDetections(db, [record(Date.now())]).catch(isDatabaseUnavailable)).toBe(true);
  await postgres.restart();
  await expect(insertDetections(db, [record(Date.now())])).resolves.toMatchObject({ stored: 2 });
});

it("gives up a query whose answer never comes, tells that apart from a mistake, and works again on another way", async () => {
  const { hostname, port } = new URL(postgres.url);
  await using way = await SeverableProxy.start({ host: hostname, port: Number(port) });
  const far = createDatabase(postgres.url.replace(`:${port}/`, `:${way.port}/`), { connections: 1, silentMs: 500 });
  try {
    await insertDetections(far, [record(Date.now())]);
    // Nobody tells: packets are lost, as with a host that is gone.
    way.sever();
    expect(await insertDetections(far, [record(Date.now())]).catch(isDatabaseUnavailable)).toBe(true);
    way.mend();
    await expect(insertDetections(far, [record(Date.now())])).resolves.toMatchObject({ stored: 2 });
    // The same of a query that goes by way of Prisma, in a transaction.
    way.sever();
    expect(await far.$transaction((tx) => tx.detection.count()).catch(isDatabaseUnavailable)).toBe(true);
    way.mend();
    await expect(far.$transaction((tx) => tx.detection.count())).resolves.toBeGreaterThan(0);
  } finally {
    await far.$disconnect();
  }
});
