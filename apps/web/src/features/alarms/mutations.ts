import type { Database } from "@octet/db/client";
import type { Alarm } from "@octet/shared/domain/alarm";
import { AppError } from "@octet/shared/errors";
import type { RaisedAlarm } from "../../server/alarms/evaluate.ts";
import { notFound } from "../../server/not-found.ts";
import { toAlarm } from "./data.ts";

/** Opens alarms. Those that are open already (of another web process) are left out of what is returned. */
export async function raiseAlarms(db: Database, raised: readonly RaisedAlarm[], now: Date): Promise<Alarm[]> {
  if (raised.length === 0) return [];
  const rows = await db.alarm.createManyAndReturn({
    data: raised.map(({ key, ...alarm }) => ({ ...alarm, openKey: key, raisedAt: now })),
    skipDuplicates: true,
  });
  return rows.map(toAlarm);
}

/** Closes open alarms by their keys; returns those that were open. */
export async function clearAlarms(db: Database, keys: readonly string[], now: Date): Promise<Alarm[]> {
  if (keys.length === 0) return [];
  const rows = await db.alarm.updateManyAndReturn({ where: { openKey: { in: [...keys] } }, data: { openKey: null, clearedAt: now } });
  return rows.map(toAlarm);
}

/** Notes that a person has seen it. Throws AppError NOT_FOUND; CONFLICT where somebody has acknowledged it before. */
export async function acknowledgeAlarm(db: Database, id: string, who: string): Promise<Alarm> {
  const [row] = await db.alarm.updateManyAndReturn({
    where: { id, acknowledgedAt: null },
    data: { acknowledgedAt: new Date(), acknowledgedBy: who },
  });
  if (row) return toAlarm(row);
  const known = await db.alarm.findUnique({ where: { id } });
  if (!known) throw notFound("alarm");
  throw new AppError("CONFLICT", `${known.acknowledgedBy ?? "Somebody"} has acknowledged this alarm already`);
}

/** Removes alarms that were cleared before then. */
export async function dropOldAlarms(db: Database, before: Date): Promise<number> {
  const { count } = await db.alarm.deleteMany({ where: { clearedAt: { lt: before } } });
  return count;
}
