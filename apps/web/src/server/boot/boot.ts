import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import type { Logger } from "pino";
import type { Server } from "socket.io";
import { env } from "../../env.ts";
import { registerToken } from "../../features/tokens/mutations.ts";
import { ArtifactStore } from "../artifacts/store.ts";
import { ensureFirstAdmin } from "../auth.ts";
import { Gateway } from "../gateway/gateway.ts";
import { JobDispatcher } from "../jobs/dispatcher.ts";
import { JobStore } from "../jobs/job-store.ts";
import { jobOutcomeHooks } from "../jobs/outcome-hooks.ts";
import { listenForWork, startQueue } from "../jobs/queue.ts";
import { startRetention } from "../jobs/retention.ts";
import { Replicas } from "../replicas/replicas.ts";
import { setRuntime } from "../runtime.ts";
import { watchAlarms } from "./alarms.ts";
import { gatewayDependencies, recordArtifact } from "./dependencies.ts";
import { joinReplicas } from "./join-replicas.ts";
import { replicaUrl } from "./replica-url.ts";
import { replicaKey } from "./secrets.ts";

/** A worker that restarts is back within this; then its cameras go to others. */
const WORKER_GRACE_MS = 6000;
/** An hour's work is worth a longer wait than a camera; a worker that restarts says at once that it has lost it. */
const JOB_GRACE_MS = 30_000;

export interface Booted {
  db: Database;
  gateway: Gateway;
  /** Meets the other web processes: once this one listens. */
  join(): Promise<void>;
  /** Lets another web process lead: before this one closes its connections. */
  stepDown(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts what the web app needs beside HTTP: database, gateway, first admin, tokens of this installation, jobs. */
export async function boot(io: Server, logger: Logger, version: string): Promise<Booted> {
  const settings = env();
  const db = createDatabase(settings.DATABASE_URL);
  const replicas = new Replicas(false);
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracer = endpoint ? new (await import("../telemetry/store-tracer.ts")).StoreTracer({ endpoint, version }) : null;
  const deps = gatewayDependencies({ db, logger, version, retentionDays: settings.OCTET_RETENTION_DAYS, graceMs: WORKER_GRACE_MS });
  const storeDetections: typeof deps.storeDetections = (records) =>
    tracer ? tracer.around(records, () => deps.storeDetections(records)) : deps.storeDetections(records);
  const gateway = new Gateway(io, { ...deps, storeDetections }, replicas);
  const artifacts = await ArtifactStore.create({
    folder: settings.OCTET_ARTIFACTS ?? path.join(settings.OCTET_HOME, "artifacts"),
    record: (ref) => recordArtifact(db, ref),
  });
  const boss = await startQueue(settings.DATABASE_URL, logger);
  let wakeOthers = async (): Promise<void> => {};
  const jobs = gateway.serveJobs(
    (link) =>
      new JobDispatcher({
        store: new JobStore(db, jobOutcomeHooks),
        link,
        logger,
        graceMs: JOB_GRACE_MS,
        wakeOthers: () => wakeOthers(),
      }),
  );
  setRuntime({ db, gateway, artifacts, jobs });

  if (settings.OCTET_ADMIN_EMAIL && settings.OCTET_ADMIN_PASSWORD)
    await ensureFirstAdmin({ email: settings.OCTET_ADMIN_EMAIL, password: settings.OCTET_ADMIN_PASSWORD });
  if (settings.OCTET_WORKER_TOKEN)
    await registerToken(db, { token: settings.OCTET_WORKER_TOKEN, name: "Local worker", kind: "worker", role: "operator" });
  if (settings.OCTET_CLI_TOKEN) await registerToken(db, { token: settings.OCTET_CLI_TOKEN, name: "Local CLI", kind: "api", role: "admin" });
  await startRetention({ db, boss, artifacts, days: settings.OCTET_RETENTION_DAYS, logger });
  wakeOthers = await listenForWork(boss, () => jobs.look());
  await gateway.start();
  const alarms = watchAlarms({
    db,
    gateway,
    budgetMs: settings.OCTET_LATENCY_BUDGET_MS,
    webhookUrl: settings.OCTET_ALARM_WEBHOOK ?? null,
    mayLook: () => replicas.leads,
    logger,
  });
  const others = joinReplicas({ io, replicas, databaseUrl: settings.DATABASE_URL, url: replicaUrl(), key: replicaKey(), logger });

  return {
    db,
    gateway,
    join: () => others.start(),
    stepDown: () => others.stepDown(),
    stop: async () => {
      await alarms.close();
      others.close();
      await gateway.close();
      await boss.stop({ graceful: true, wait: true, timeout: 5000 });
      await jobs.close();
      // A collector that is away must not hold up the end.
      await Promise.race([tracer?.close().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
      await db.$disconnect();
    },
  };
}
