import type { Database } from "@octet/db/client";
import { AppError } from "@octet/shared/errors";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { WorkerToGateway } from "@octet/shared/protocol/worker-protocol";

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
export async function setDraining(db: Database, id: string, draining: boolean): Promise<void> {
  const { count } = await db.worker.updateMany({ where: { id }, data: { draining } });
  if (count === 0) throw new AppError("NOT_FOUND", "There is no such worker", { hint: "Workers lists those that ever joined." });
}

/** Forgets a worker that is not connected. @throws AppError NOT_FOUND, CONFLICT */
export async function removeWorker(db: Database, id: string, online: boolean): Promise<void> {
  if (online) throw new AppError("CONFLICT", "The worker is connected", { hint: "End it first; its token can be revoked under Settings." });
  const { count } = await db.worker.deleteMany({ where: { id } });
  if (count === 0) throw new AppError("NOT_FOUND", "There is no such worker");
}
