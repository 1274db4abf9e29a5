import type { Database } from "../client.ts";

const DAY_MS = 86_400_000;

const dayStart = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;
const dayName = (ms: number): string => `d${new Date(ms).toISOString().slice(0, 10).replaceAll("-", "")}`;

/** Makes the daily partitions (UTC) that hold `times` (Unix ms). Safe to call from several processes at once. */
export async function ensurePartitions(db: Database, times: Iterable<number>): Promise<void> {
  for (const start of new Set([...times].map(dayStart))) {
    const from = new Date(start).toISOString();
    const to = new Date(start + DAY_MS).toISOString();
    // Two processes may come at the same moment: the lock makes IF NOT EXISTS true to its word.
    await db.$transaction([
      db.$executeRawUnsafe("SELECT pg_advisory_xact_lock(hashtext('octet.detections.partitions'))"),
      db.$executeRawUnsafe(
        `CREATE TABLE IF NOT EXISTS "detections"."${dayName(start)}" PARTITION OF "detection" FOR VALUES FROM ('${from}') TO ('${to}')`,
      ),
    ]);
  }
}

/** Drops the partitions that end before `before` (Unix ms). Returns their names. */
export async function dropPartitionsBefore(db: Database, before: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ name: string }[]>`
    SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'detections' AND c.relkind = 'r' AND c.relname ~ '^d[0-9]{8}$' ORDER BY 1`;
  // A day is dropped whole, once its last moment is too old.
  const limit = dayName(dayStart(before));
  const old = rows.map((row) => row.name).filter((name) => name < limit);
  for (const name of old) await db.$executeRawUnsafe(`DROP TABLE IF EXISTS "detections"."${name}"`);
  return old;
}
