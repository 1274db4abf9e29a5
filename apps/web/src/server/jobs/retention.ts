import type { Database } from "@octet/db/client";
import { dropPartitionsBefore, ensurePartitions } from "@octet/db/detections/partitions";
import type { Logger } from "pino";
import { dropOldAlarms } from "../../features/alarms/mutations.ts";
import { dropOldEntries } from "../../features/audit/mutations.ts";
import type { ArtifactStore } from "../artifacts/store.ts";
import { sweepArtifacts } from "../artifacts/sweep.ts";
import { dropOldLeases } from "../placement/leases.ts";
import type { Queue } from "./queue.ts";

const QUEUE = "detections.retention";
const SWEEP = "artifacts.sweep";
const DAY_MS = 86_400_000;
/** What a job made (profiles, proofs, data sets) stays; its own record and log do not stay for ever. */
const JOB_DAYS = 90;
const ALARM_DAYS = 90;
const AUDIT_DAYS = 2 * 365;

/** Drops days that are older than `days`, with leases that ended before them, and makes the partitions of today and the next two. */
async function keepDetections(db: Database, days: number, now: number): Promise<string[]> {
  await ensurePartitions(db, [now, now + DAY_MS, now + 2 * DAY_MS]);
  // A day more: a worker whose clock is off by that much is let pass.
  await dropOldLeases(db, now - (days + 1) * DAY_MS);
  return dropPartitionsBefore(db, now - days * DAY_MS);
}

/** Removes jobs that ended more than 90 days ago, with their logs. */
export async function dropOldJobs(db: Database, now: number): Promise<number> {
  const { count } = await db.job.deleteMany({ where: { endedAt: { lt: new Date(now - JOB_DAYS * DAY_MS) } } });
  return count;
}

/** Runs `keepDetections` at once and then hourly, `dropOldJobs` and `sweepArtifacts` daily, on one of however many web processes share the database. */
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
    const jobs = await dropOldJobs(db, Date.now());
    if (jobs > 0) logger.info({ jobs }, "old jobs were removed");
    const alarms = await dropOldAlarms(db, new Date(Date.now() - ALARM_DAYS * DAY_MS));
    if (alarms > 0) logger.info({ alarms }, "old alarms were removed");
    const entries = await dropOldEntries(db, new Date(Date.now() - AUDIT_DAYS * DAY_MS));
    if (entries > 0) logger.info({ entries }, "old entries of the audit log were removed");
    const { removed, bytes } = await sweepArtifacts({ db, artifacts, now: Date.now() });
    if (removed > 0) logger.info({ removed, bytes }, "files that nothing names any more were removed");
  });
  await boss.schedule(SWEEP, "23 3 * * *");
  await boss.schedule(QUEUE, "7 * * * *");
  await boss.send(QUEUE, {});
}
