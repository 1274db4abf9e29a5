import { randomUUID } from "node:crypto";
import { createDatabase, type Database } from "@octet/db/client";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import { TestPostgres } from "@octet/testing/postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { activateLease, activatePending, dropOldLeases, setCameraWorker, withinLease } from "./leases.ts";

let postgres: TestPostgres;
let db: Database;
let cameraId: string;

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 4 });
  for (const id of ["one", "two", "three"]) await db.worker.create({ data: { id, name: id, version: "0", host: {}, model: {} } });
  cameraId = (await db.camera.create({ data: { name: "Yard", urlSealed: "x" } })).id;
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
});

const found = (epoch: number | null, capturedAt: number): DetectionRecord => ({
  frameId: randomUUID(),
  cameraId,
  workerId: "w",
  modelId: "m",
  epoch,
  seq: 1,
  ptsMs: 0,
  capturedAt,
  width: 1,
  height: 1,
  stages: { network: 0, decode: 0, queue: 0, preprocess: 0, infer: 0, postprocess: 0, publish: 0 },
  detections: [],
  thumbnails: [],
});
/** When, of these times, a worker with this epoch counts. */
const counts = async (epoch: number | null, times: number[]): Promise<number[]> =>
  (
    await withinLease(
      db,
      times.map((time) => found(epoch, time)),
    )
  ).map(({ capturedAt }) => capturedAt);
const at = { handover: false, now: 1000 };

it("counts what a worker found while it held the camera, whenever it comes, and nothing that another one had by then", async () => {
  const first = await setCameraWorker(db, cameraId, "one", at);
  expect(await counts(first, [999, 1000, 5000])).toEqual([1000, 5000]);
  // It is cut off, and the camera goes to another.
  const second = await setCameraWorker(db, cameraId, "two", { handover: false, now: 3000 });
  expect(second).toBe(first + 1);
  expect(await counts(first, [1000, 2999, 3000, 4000])).toEqual([1000, 2999]);
  expect(await counts(second, [2999, 3000, 4000])).toEqual([3000, 4000]);
});

it("hands over at one moment: every frame counts once", async () => {
  const { epoch: before } = await db.cameraLease.findFirstOrThrow({ where: { cameraId, until: null } });
  const after = await setCameraWorker(db, cameraId, "one", { handover: true, now: 5000 });
  const times = [5000, 5500, 6000, 6500];
  expect([await counts(before, times), await counts(after, times)]).toEqual([times, []]);
  await activateLease(db, cameraId, after, 6000);
  expect([await counts(before, times), await counts(after, times)]).toEqual([
    [5000, 5500],
    [6000, 6500],
  ]);
});

it("is not confused by a hand-over that ends after the next has begun, or after another worker got the camera", async () => {
  const { epoch: before } = await db.cameraLease.findFirstOrThrow({ where: { cameraId, until: null } });
  const first = await setCameraWorker(db, cameraId, "two", { handover: true, now: 6600 });
  const second = await setCameraWorker(db, cameraId, "three", { handover: true, now: 6610 });
  await activateLease(db, cameraId, first, 6620);
  expect([await counts(before, [6600, 6699]), await counts(first, [6620, 6700])]).toEqual([[6600, 6699], []]);
  await activateLease(db, cameraId, second, 6700);
  expect([await counts(before, [6699, 6700]), await counts(second, [6699, 6700, 6900])]).toEqual([[6699], [6700, 6900]]);
  const late = await setCameraWorker(db, cameraId, "two", { handover: true, now: 6800 });
  const now = await setCameraWorker(db, cameraId, "one", { handover: false, now: 6810 });
  await activateLease(db, cameraId, late, 6820);
  expect([await counts(late, [6820]), await counts(now, [6810, 6900])]).toEqual([[], [6810, 6900]]);
  expect(await db.cameraLease.count({ where: { cameraId, until: null } })).toBe(1);
});

it("counts what a worker finds that is given back what it runs, before it hears of it and after", async () => {
  const { epoch: before } = await db.cameraLease.findFirstOrThrow({ where: { cameraId, until: null } });
  const there = await setCameraWorker(db, cameraId, "two", { handover: true, now: 6910 });
  const back = await setCameraWorker(db, cameraId, "one", { handover: false, now: 6920 });
  await activateLease(db, cameraId, there, 6930);
  expect([await counts(before, [6910, 6925]), await counts(there, [6925, 6940])]).toEqual([[6910, 6925], []]);
  expect(await counts(back, [6919, 6920])).toEqual([6920]);
  const gone = await setCameraWorker(db, cameraId, "two", { handover: true, now: 6950 });
  await activateLease(db, cameraId, gone, 6960);
  for (const epoch of [before, back]) expect(await counts(epoch, [6959, 6960])).toEqual([6959]);
});

it("ends hand-overs that nobody waits for any more", async () => {
  const after = await setCameraWorker(db, cameraId, "two", { handover: true, now: 7000 });
  await activatePending(db, 8000);
  expect(await counts(after, [7999, 8000])).toEqual([8000]);
  expect(await db.cameraLease.count({ where: { cameraId, until: null } })).toBe(1);
});

it("counts what it knows no lease of, and forgets leases with the detections of their time", async () => {
  expect(await counts(null, [1])).toEqual([1]);
  expect(await counts(99, [1])).toEqual([1]);
  expect(await setCameraWorker(db, randomUUID(), "one", at)).toBe(0);
  await setCameraWorker(db, cameraId, null, { handover: false, now: 9000 });
  expect(await dropOldLeases(db, 8001)).toBe(10);
  expect(await db.cameraLease.count()).toBe(1);
  await db.camera.delete({ where: { id: cameraId } });
  expect(await db.cameraLease.count()).toBe(0);
});
