import type { Database } from "@octet/db/client";
import { type Worker, workerSchema } from "@octet/shared/domain/worker";
import type { GatewayPort } from "../../server/runtime.ts";

/** Every worker that ever joined, with what is known of it now. */
export async function listWorkers(db: Database, live: ReturnType<GatewayPort["workers"]>): Promise<Worker[]> {
  const rows = await db.worker.findMany({ orderBy: { name: "asc" } });
  return rows.flatMap((row) => {
    const now = live.find((worker) => worker.id === row.id);
    // A row that another version wrote may have another shape: it is shown again once its worker joins anew.
    const worker = workerSchema.safeParse({
      ...row,
      online: now !== undefined,
      load: now?.load ?? null,
      committed: now?.committed ?? null,
    });
    return worker.success ? [worker.data] : [];
  });
}
