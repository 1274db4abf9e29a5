import type { Logger } from "pino";
import { PgBoss } from "./pg-boss.ts";

const LOOK = "jobs.look";

export type Queue = InstanceType<typeof PgBoss>;

/** pg-boss on the database, for what must be done once by however many web processes there are. */
export async function startQueue(databaseUrl: string, logger: Logger): Promise<Queue> {
  const boss = new PgBoss({ connectionString: databaseUrl, schema: "jobs", application_name: "octet-jobs", max: 3 });
  // Postgres may go away and come back; the queue reconnects by itself.
  boss.on("error", (error: Error) => logger.warn({ error: error.message }, "job queue"));
  await boss.start();
  return boss;
}

/**
 * Carries "look for work" between web processes. It is a hint and may get lost or come twice: the rows of the table `job`
 * say what there is to do, and each process looks at them by itself every few seconds as well.
 *
 * @returns sends the hint
 */
export async function listenForWork(boss: Queue, look: () => Promise<void>): Promise<() => Promise<void>> {
  // Of hints that wait, one is enough.
  await boss.createQueue(LOOK, { name: LOOK, policy: "short", retryLimit: 0 });
  await boss.work(LOOK, { pollingIntervalSeconds: 2 }, look);
  return async () => {
    await boss.send(LOOK, {});
  };
}
