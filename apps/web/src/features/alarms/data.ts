import type { Database } from "@octet/db/client";
import { type Alarm, type AlarmKind, alarmKinds, alarmSchema } from "@octet/shared/domain/alarm";
import type { PlacementRule } from "@octet/shared/domain/placement";
import type { AlarmSubjects } from "../../server/alarms/facts.ts";
import type { ListAlarms } from "./schema.ts";

type AlarmRow = NonNullable<Awaited<ReturnType<Database["alarm"]["findUnique"]>>>;

export const toAlarm = (row: AlarmRow): Alarm => alarmSchema.parse(row);

/** Newest first. */
export async function listAlarms(
  db: Database,
  { open, limit, cursor }: ListAlarms,
): Promise<{ items: Alarm[]; nextCursor: string | null }> {
  const rows = await db.alarm.findMany({
    where: {
      ...(open === undefined ? {} : { openKey: open ? { not: null } : null }),
      // Ids are UUIDs of version 7: their order is that of time.
      ...(cursor ? { id: { lt: cursor } } : {}),
    },
    orderBy: { id: "desc" },
    take: limit + 1,
  });
  const shown = rows.slice(0, limit);
  const items = shown.flatMap((row) => {
    // A kind that this version does not know is no reason to hide all others.
    const alarm = alarmSchema.safeParse(row);
    return alarm.success ? [alarm.data] : [];
  });
  return { items, nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/** Open alarms, and those of them that nobody has acknowledged. */
export async function countOpen(db: Database): Promise<{ open: number; unacknowledged: number }> {
  const [open, unacknowledged] = await Promise.all([
    db.alarm.count({ where: { openKey: { not: null } } }),
    db.alarm.count({ where: { openKey: { not: null }, acknowledgedAt: null } }),
  ]);
  return { open, unacknowledged };
}

/** Open alarms by kind; all kinds are named. */
export async function openByKind(db: Database): Promise<Record<AlarmKind, number>> {
  const groups = await db.alarm.groupBy({ by: ["kind"], where: { openKey: { not: null } }, _count: true });
  const counts = Object.fromEntries(alarmKinds.map((kind) => [kind, 0])) as Record<AlarmKind, number>;
  for (const { kind, _count } of groups) if (kind in counts) counts[kind as AlarmKind] = _count;
  return counts;
}

export async function openKeys(db: Database): Promise<string[]> {
  const rows = await db.alarm.findMany({ where: { openKey: { not: null } }, select: { openKey: true } });
  return rows.flatMap(({ openKey }) => openKey ?? []);
}

/** Who can have an alarm: enabled cameras, and workers that ever joined. @param addressLost ids of cameras */
export async function alarmSubjects(db: Database, addressLost: ReadonlySet<string>): Promise<AlarmSubjects> {
  const [cameras, workers] = await Promise.all([
    db.camera.findMany({
      where: { enabled: true },
      select: { id: true, name: true, detectFps: true, stillFps: true, latencyBudgetMs: true, placement: true },
    }),
    db.worker.findMany({ select: { id: true, name: true, draining: true } }),
  ]);
  // A scene in which nothing moves is not asked for more than its own rate.
  return {
    cameras: cameras.map(({ stillFps, detectFps, placement, ...camera }) => ({
      ...camera,
      detectFps: Math.min(detectFps, stillFps ?? detectFps),
      // Checked when it was written: of thousands of cameras each five seconds.
      placement: placement as PlacementRule,
      addressLost: addressLost.has(camera.id),
    })),
    workers,
  };
}
