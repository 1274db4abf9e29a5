import type { Database } from "@octet/db/client";
import { dropPartitionsBefore, ensurePartitions } from "@octet/db/detections/partitions";
import type { Logger } from "pino";
import type { ArtifactStore } from "../artifacts/store.ts";
import { sweepArtifacts } from "../artifacts/sweep.ts";
import type { Queue } from "./queue.ts";

const QUEUE = "detections.retention";
const SWEEP = "artifacts.sweep";
const DAY_MS = 86_400_000;

/** Drops days that are older than `days`, and makes the partitions of today and the next two. */
export async function keepDetections(db: Database, days: number, now: number): Promise<string[]> {
  await ensurePartitions(db, [now, now + DAY_MS, now + 2 * DAY_MS]);
  return dropPartitionsBefore(db, now - days * DAY_MS);
}

/** Runs `keepDetections` at once and then hourly, and `sweepArtifacts` daily, on one of however many web processes share the database. */
export async function startRetention({
  db,
  boss,
  artifacts,
  days,
  logger,
}: {
  db: Database;
  boss: Queue;
  artifacts: ArtifactStore;
  days: number;
  logger: Logger;
}): Promise<void> {
  await boss.createQueue(QUEUE, { name: QUEUE, policy: "singleton" });
  await boss.work(QUEUE, async () => {
    const dropped = await keepDetections(db, days, Date.now());
    if (dropped.length > 0) logger.info({ dropped, days }, "old detections were dropped");
  });
  await boss.createQueue(SWEEP, { name: SWEEP, policy: "singleton" });
  await boss.work(SWEEP, async () => {
    const { removed, bytes } = await sweepArtifacts({ db, artifacts, now: Date.now() });
    if (removed > 0) logger.info({ removed, bytes }, "files that nothing names any more were removed");
  });
  await boss.schedule(SWEEP, "23 3 * * *");
  await boss.schedule(QUEUE, "7 * * * *");
  await boss.send(QUEUE, {});
}
