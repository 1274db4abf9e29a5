import { setTimeout } from "node:timers/promises";
import type { Database } from "@octet/db/client";
import { insertDetections } from "@octet/db/detections/insert-detections";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { ADDRESS_LOST } from "@octet/shared/domain/camera";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import type { PromotedModel } from "@octet/shared/protocol/worker-protocol";
import type { Logger } from "pino";
import { openByKind } from "../../features/alarms/data.ts";
import { camerasWithoutAddress, getAssignableCameras } from "../../features/cameras/data.ts";
import { listPromoted, modelsFor, type RunningModel } from "../../features/profiles/data.ts";
import { addShadowExample, saveShadowRuns } from "../../features/shadows/mutations.ts";
import { verifyToken } from "../../features/tokens/data.ts";
import { markWorkerLeft, saveWorker } from "../../features/workers/mutations.ts";
import { sessionFromHeaders } from "../auth.ts";
import { databaseAway } from "../context.ts";
import type { GatewayDependencies } from "../gateway/dependencies.ts";
import { activateLease, activatePending, setCameraWorker, withinLease } from "../placement/leases.ts";
import { sealingKey } from "./secrets.ts";

const PING_MS = 4000;

const DAY_MS = 86_400_000;

/** The gateway's view of the database. */
export function gatewayDependencies(options: {
  db: Database;
  logger: Logger;
  version: string;
  retentionDays: number;
  graceMs: number;
}): GatewayDependencies {
  const { db, logger, version, graceMs } = options;
  let toldLost = 0;
  const store = async (records: DetectionRecord[]): ReturnType<GatewayDependencies["storeDetections"]> => {
    const kept = withinRetention(records, options.retentionDays, Date.now());
    const outside = records.length - kept.length;
    if (outside > 0) logger.warn({ outside }, "detections outside the time that is kept were refused: check the worker's clock");
    const held = await withinLease(db, kept);
    const superseded = kept.length - held.length;
    if (superseded > 0) {
      const taken = new Set(held);
      const workers = [...new Set(kept.filter((record) => !taken.has(record)).map(({ workerId }) => workerId))];
      logger.info({ superseded, workers }, "detections of cameras that another worker had by then were refused");
    }
    return { ...(await insertDetections(db, held)), refused: outside + superseded };
  };
  return {
    logger,
    version,
    graceMs,
    listCameras: async () => {
      const [cameras, promoted] = await Promise.all([getAssignableCameras(db, sealingKey()), listPromoted(db)]);
      const { size } = camerasWithoutAddress(db);
      if (size > toldLost) logger.error({ cameras: size }, `cameras run nowhere. ${ADDRESS_LOST.message}. ${ADDRESS_LOST.hint}`);
      toldLost = size;
      // Not copied: there may be thousands.
      return cameras.map((camera) => {
        const { active, shadow } = modelsFor(camera, promoted);
        return Object.assign(camera, {
          model: active && fileOf(active),
          shadow: shadow && { ...fileOf(shadow), promotionId: shadow.promotionId, share: shadow.share },
        });
      });
    },
    countCameras: async () => {
      const [total, enabled] = await Promise.all([db.camera.count(), db.camera.count({ where: { enabled: true } })]);
      return { total, enabled };
    },
    setCameraWorker: (cameraId, workerId, handover) => setCameraWorker(db, cameraId, workerId, { handover, now: Date.now() }),
    activateLease: (cameraId, epoch) => activateLease(db, cameraId, epoch, Date.now()),
    activatePending: (except) => activatePending(db, Date.now(), except),
    saveWorker: (hello) => saveWorker(db, hello),
    workerLeft: (workerId) => markWorkerLeft(db, workerId),
    storeDetections: (records) =>
      store(records).catch((cause: unknown) => {
        throw databaseAway(cause) ?? cause;
      }),
    saveShadows: (reports) => saveShadowRuns(db, reports),
    addShadowExample: (example) => addShadowExample(db, example),
    pingDatabase: async () => {
      // Those who ask for health wait less long than a query may.
      const late = new AbortController();
      const gaveUp = setTimeout(PING_MS, undefined, { signal: late.signal }).then(() => {
        throw new Error(`PostgreSQL did not answer within ${PING_MS / 1000} s`);
      });
      await Promise.race([db.$queryRaw`SELECT 1`, gaveUp]).finally(() => late.abort());
    },
    openAlarms: () => openByKind(db),
    verifyWorkerToken: (token) => verifyToken(db, token, "worker"),
    sessionOf: sessionFromHeaders,
  };
}

export async function recordArtifact(db: Database, { sha256, sizeBytes }: ArtifactRef): Promise<void> {
  await db.artifact.createMany({ data: [{ sha256, sizeBytes: BigInt(sizeBytes) }], skipDuplicates: true });
}

const fileOf = ({ profileId, name, sha256, sizeBytes, decodeSize }: RunningModel): PromotedModel => {
  return { profileId, name, sha256, sizeBytes, decodeSize };
};

/** A worker whose clock is wrong must not make partitions in 1970 or next year; a day of error is let pass. */
function withinRetention(records: DetectionRecord[], days: number, now: number): DetectionRecord[] {
  return records.filter((record) => record.capturedAt > now - days * DAY_MS && record.capturedAt < now + DAY_MS);
}
