import { createDatabase, type Database } from "@octet/db/client";
import type { AlarmEvent } from "@octet/shared/domain/alarm";
import { newCameraStatus } from "@octet/testing/new-camera-status";
import { TestPostgres } from "@octet/testing/postgres";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { alarmSubjects, countOpen, listAlarms, openByKind, openKeys } from "../../features/alarms/data.ts";
import { acknowledgeAlarm, clearAlarms, dropOldAlarms, raiseAlarms } from "../../features/alarms/mutations.ts";
import { gatherFacts } from "./facts.ts";
import { AlarmMonitor } from "./monitor.ts";

let postgres: TestPostgres;
let db: Database;
let now = 1_700_000_000_000;
let away = false;
const lost = new Map<string, number>();
const told: AlarmEvent[] = [];

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 4 });
  await db.worker.create({ data: { id: "w", name: "north", version: "0", host: {}, model: {} } });
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
});

/** One web process. */
const process = (mayLook = () => true): AlarmMonitor =>
  new AlarmMonitor({
    facts: async () => {
      if (away) throw new Error("terminating connection");
      const connected = lost.size > 0 ? [] : [{ id: "w", cores: 2, load: null }];
      return gatherFacts(200, await alarmSubjects(db, new Set()), { statuses: [], connected, lost });
    },
    openKeys: () => openKeys(db),
    raise: (raised, at) => raiseAlarms(db, raised, at),
    clear: (keys, at) => clearAlarms(db, keys, at),
    mayLook,
    onEvents: (events) => void told.push(...events),
    logger: pino({ level: "silent" }),
    now: () => now,
  });
const heard = (): string[] => told.splice(0).map(({ event, alarm }) => `${event} ${alarm.kind} ${alarm.subjectName}`);
const all = () => listAlarms(db, { limit: 50 });

it("keeps one alarm, however many processes find it, over a restart and an outage, until it has passed", async () => {
  const first = process();
  const second = process();
  lost.set("w", now);
  for (const monitor of [first, second]) await monitor.look();
  now += 30_000;
  away = true;
  await first.look();
  away = false;
  for (const monitor of [first, second]) await monitor.look();
  expect(heard()).toEqual(["raised host-lost north"]);
  expect(await openByKind(db)).toMatchObject({ "host-lost": 1, "camera-offline": 0 });
  expect((await all()).items).toMatchObject([{ kind: "host-lost", severity: "critical", raisedAt: new Date(now), clearedAt: null }]);

  const restarted = process();
  await restarted.look();
  expect(heard()).toEqual([]);
  lost.clear();
  now += 1000;
  await restarted.look();
  expect(heard()).toEqual(["cleared host-lost north"]);
  expect((await all()).items).toMatchObject([{ clearedAt: new Date(now) }]);
  expect(await listAlarms(db, { open: true, limit: 50 })).toEqual({ items: [], nextCursor: null });
});

it("may be raised again, and is one more then", async () => {
  const monitor = process();
  lost.set("w", now);
  await monitor.look();
  now += 30_000;
  await monitor.look();
  expect(heard()).toEqual(["raised host-lost north"]);
  const page = await listAlarms(db, { limit: 1 });
  expect(page.items).toMatchObject([{ clearedAt: null }]);
  expect((await listAlarms(db, { limit: 1, cursor: page.nextCursor })).items).toMatchObject([{ clearedAt: expect.any(Date) }]);
});

it("is acknowledged once, by somebody", async () => {
  const [alarm] = (await listAlarms(db, { open: true, limit: 1 })).items;
  expect(await countOpen(db)).toEqual({ open: 1, unacknowledged: 1 });
  expect(await acknowledgeAlarm(db, alarm?.id ?? "", "Ada")).toMatchObject({ acknowledgedBy: "Ada", acknowledgedAt: expect.any(Date) });
  expect(await countOpen(db)).toEqual({ open: 1, unacknowledged: 0 });
  await expect(acknowledgeAlarm(db, alarm?.id ?? "", "Bob")).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("Ada"),
  });
  await expect(acknowledgeAlarm(db, "0199d4b0-0000-7000-8000-000000000000", "Bob")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("is not looked for by a process that may not", async () => {
  lost.clear();
  await process(() => false).look();
  expect(heard()).toEqual([]);
  await process().look();
  expect(heard()).toEqual(["cleared host-lost north"]);
});

it("goes so long after it has passed", async () => {
  expect(await dropOldAlarms(db, new Date(now))).toBe(1);
  expect((await all()).items).toHaveLength(1);
});

it("holds a camera to its own budget, else to its worker's, else to the site's", async () => {
  const add = async (name: string, latencyBudgetMs: number | null): Promise<string> =>
    (await db.camera.create({ data: { name, urlSealed: "x", latencyBudgetMs } })).id;
  const ids = [await add("Gate", 80), await add("Yard", null), await add("Roof", null)];
  const statuses = ids.map((cameraId, at) => newCameraStatus({ cameraId, workerId: at < 2 ? "w" : null }));
  const connected = [{ id: "w", cores: 2, budgetMs: 500, load: null }];
  const { cameras, budgetMs } = gatherFacts(200, await alarmSubjects(db, new Set()), { statuses, connected, lost: new Map() });
  expect([budgetMs, ...ids.map((id) => cameras.find((camera) => camera.id === id)?.budgetMs)]).toEqual([200, 80, 500, null]);
});
