import type { Database } from "@octet/db/client";
import { AppError } from "@octet/shared/errors";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { WorkerToGateway } from "@octet/shared/protocol/worker-protocol";
import { notFound } from "../../server/not-found.ts";
import { audit } from "../audit/mutations.ts";

/** Notes what a worker said of itself when it joined. Returns whether it is to give its cameras away. */
export async function saveWorker(db: Database, hello: PayloadOf<WorkerToGateway, "hello">): Promise<{ draining: boolean }> {
  const now = new Date();
  const { name, version, host, model, labels } = hello;
  const facts = { name, version, host, model, labels, connectedAt: now, lastSeenAt: now };
  const where = { id: hello.workerId };
  return db.worker.upsert({ where, create: { ...where, ...facts }, update: facts, select: { draining: true } });
}

export async function markWorkerLeft(db: Database, workerId: string): Promise<void> {
  await db.worker.updateMany({ where: { id: workerId }, data: { connectedAt: null, lastSeenAt: new Date() } });
}

/** @throws AppError NOT_FOUND */
export function setDraining(db: Database, id: string, draining: boolean, who: string): Promise<void> {
  return db.$transaction(async (tx) => {
    const [changed] = await tx.worker.updateManyAndReturn({
      where: { id, draining: !draining },
      data: { draining },
      select: { name: true },
    });
    if (changed) return audit(tx, who, draining ? "worker.drain" : "worker.undrain", id, changed);
    if ((await tx.worker.count({ where: { id } })) === 0) throw notFound("worker");
  });
}

/** Forgets a worker that is not connected. @throws AppError NOT_FOUND, CONFLICT */
export async function removeWorker(db: Database, id: string, online: boolean, who: string): Promise<void> {
  if (online) throw new AppError("CONFLICT", "The worker is connected", { hint: "End it first; its token can be revoked under Settings." });
  await db.$transaction(async (tx) => {
    const worker = await tx.worker.findUnique({ where: { id }, select: { name: true } });
    const { count } = await tx.worker.deleteMany({ where: { id } });
    if (!worker || count === 0) throw notFound("worker");
    await audit(tx, who, "worker.forget", id, worker);
  });
}
