import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import type { Logger } from "pino";
import type { Server } from "socket.io";
import { env } from "../../env.ts";
import { registerToken } from "../../features/tokens/mutations.ts";
import { ArtifactStore } from "../artifacts/store.ts";
import { ensureFirstAdmin } from "../auth.ts";
import { Gateway } from "../gateway/gateway.ts";
import { startRetention } from "../jobs/retention.ts";
import { setRuntime } from "../runtime.ts";
import { gatewayDependencies, recordArtifact } from "./dependencies.ts";

/** A worker that restarts is back within this; then its cameras go to others. */
const WORKER_GRACE_MS = 6000;

export interface Booted {
  db: Database;
  gateway: Gateway;
  stop(): Promise<void>;
}

/** Starts what the web app needs beside HTTP: database, gateway, first admin, tokens of this installation, jobs. */
export async function boot(io: Server, logger: Logger, version: string): Promise<Booted> {
  const settings = env();
  const db = createDatabase(settings.DATABASE_URL);
  const gateway = new Gateway(
    io,
    gatewayDependencies({ db, logger, version, retentionDays: settings.OCTET_RETENTION_DAYS, graceMs: WORKER_GRACE_MS }),
  );
  const artifacts = await ArtifactStore.create({
    folder: settings.OCTET_ARTIFACTS ?? path.join(settings.OCTET_HOME, "artifacts"),
    record: (ref) => recordArtifact(db, ref),
  });
  setRuntime({ db, gateway, artifacts });

  if (settings.OCTET_ADMIN_EMAIL && settings.OCTET_ADMIN_PASSWORD)
    await ensureFirstAdmin({ email: settings.OCTET_ADMIN_EMAIL, password: settings.OCTET_ADMIN_PASSWORD });
  if (settings.OCTET_WORKER_TOKEN)
    await registerToken(db, { token: settings.OCTET_WORKER_TOKEN, name: "Local worker", kind: "worker", role: "operator" });
  if (settings.OCTET_CLI_TOKEN) await registerToken(db, { token: settings.OCTET_CLI_TOKEN, name: "Local CLI", kind: "api", role: "admin" });
  const retention = await startRetention({ db, databaseUrl: settings.DATABASE_URL, days: settings.OCTET_RETENTION_DAYS, logger });
  await gateway.start();

  return {
    db,
    gateway,
    stop: async () => {
      await gateway.close();
      await retention.stop();
      await db.$disconnect();
    },
  };
}
