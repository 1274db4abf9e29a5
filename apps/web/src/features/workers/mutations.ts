import type { Database } from "@octet/db/client";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import type { WorkerToGateway } from "@octet/shared/protocol/worker-protocol";

/** Notes what a worker said of itself when it joined. */
export async function saveWorker(db: Database, hello: PayloadOf<WorkerToGateway, "hello">): Promise<void> {
  const now = new Date();
  const facts = { name: hello.name, version: hello.version, host: hello.host, model: hello.model, connectedAt: now, lastSeenAt: now };
  await db.worker.upsert({ where: { id: hello.workerId }, create: { id: hello.workerId, ...facts }, update: facts });
}

export async function markWorkerLeft(db: Database, workerId: string): Promise<void> {
  await db.worker.updateMany({ where: { id: workerId }, data: { connectedAt: null, lastSeenAt: new Date() } });
}
