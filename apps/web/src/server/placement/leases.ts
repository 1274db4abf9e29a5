import { type Database, runPrepared } from "@octet/db/client";
import type { DetectionRecord } from "@octet/shared/domain/detection";

/**
 * Gives a camera to a worker: a lease under a new epoch begins, and that of the worker before ends. With `handover` the worker
 * only gets ready, and the one before keeps its lease until `activateLease`; another that was getting ready does so no more.
 * A worker that is given what it runs may go on under the older epoch until it hears of it. Returns the new epoch; 0 where the
 * camera was deleted meanwhile.
 */
export function setCameraWorker(
  db: Database,
  cameraId: string,
  workerId: string | null,
  { handover, now }: { handover: boolean; now: number },
): Promise<number> {
  return db.$transaction(async (tx) => {
    const [row] = await tx.camera.updateManyAndReturn({
      where: { id: cameraId },
      data: { workerId, epoch: { increment: 1 } },
      select: { epoch: true },
    });
    if (!row) return 0;
    const at = new Date(now);
    const ended = handover ? { from: null } : workerId ? { OR: [{ from: null }, { workerId: { not: workerId } }] } : {};
    await tx.cameraLease.updateMany({ where: { cameraId, until: null, ...ended }, data: { until: at } });
    if (workerId) await tx.cameraLease.create({ data: { cameraId, epoch: row.epoch, workerId, from: handover ? null : at } });
    return row.epoch;
  });
}

/**
 * The worker that got ready under this epoch takes over from the one before, at once and at the same moment. Changes nothing
 * where the camera has gone elsewhere meanwhile.
 */
export async function activateLease(db: Database, cameraId: string, epoch: number, now: number): Promise<void> {
  const at = new Date(now);
  await db.$transaction(async (tx) => {
    const { count } = await tx.cameraLease.updateMany({ where: { cameraId, epoch, from: null, until: null }, data: { from: at } });
    if (count > 0) await tx.cameraLease.updateMany({ where: { cameraId, epoch: { lt: epoch }, until: null }, data: { until: at } });
  });
}

/** Hand-overs that nobody waits for any more: all but those named by camera and epoch ("id epoch"). */
export async function activatePending(db: Database, now: number, except: ReadonlySet<string> = new Set()): Promise<void> {
  const pending = await db.cameraLease.findMany({ where: { from: null, until: null }, orderBy: { epoch: "asc" } });
  for (const { cameraId, epoch } of pending) if (!except.has(`${cameraId} ${epoch}`)) await activateLease(db, cameraId, epoch, now);
}

/**
 * Records that were found while their worker held the camera. The others are another worker's to find, who ran it then: a
 * worker that was cut off goes on with its cameras, since no one may have taken them, and sends what it found when it is back.
 * Records of a lease that is not known (of a deleted camera, of a back-up) are taken.
 */
export async function withinLease(db: Database, records: readonly DetectionRecord[]): Promise<DetectionRecord[]> {
  const keys = new Map<string, { cameraId: string; epoch: number }>();
  for (const { cameraId, epoch } of records) if (epoch !== null) keys.set(`${cameraId} ${epoch}`, { cameraId, epoch });
  if (keys.size === 0) return [...records];
  const wanted = [...keys.values()];
  const { rows } = await runPrepared<{ cameraId: string; epoch: number; from: Date | null; until: Date | null }>(db, {
    name: "leases-of",
    text: `SELECT camera_id AS "cameraId", epoch, "from", until FROM camera_lease
      JOIN unnest($1::uuid[], $2::int4[]) AS wanted(wanted_camera, wanted_epoch) ON camera_id = wanted_camera AND epoch = wanted_epoch`,
    values: [wanted.map(({ cameraId }) => cameraId), wanted.map(({ epoch }) => epoch)],
  });
  const leases = new Map(rows.map((row) => [`${row.cameraId} ${row.epoch}`, row]));
  return records.filter(({ cameraId, epoch, capturedAt }) => {
    const lease = leases.get(`${cameraId} ${epoch}`);
    if (!lease) return true;
    return lease.from !== null && capturedAt >= lease.from.getTime() && (lease.until === null || capturedAt < lease.until.getTime());
  });
}

/** Removes leases that ended so long ago that no detection of their time is kept. */
export async function dropOldLeases(db: Database, before: number): Promise<number> {
  return (await db.cameraLease.deleteMany({ where: { until: { lt: new Date(before) } } })).count;
}
