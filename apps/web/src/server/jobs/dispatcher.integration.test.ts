import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createDatabase, type Database } from "@octet/db/client";
import type { Job, JobKind } from "@octet/shared/domain/job";
import { PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import { socketParser } from "@octet/shared/protocol/parser";
import { newHello } from "@octet/testing/new-worker";
import { pino } from "pino";
import { Server } from "socket.io";
import { io as connect, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { TestPostgres } from "../../../../../packages/testing/src/postgres.ts";
import { waitFor } from "../../../../../packages/testing/src/wait-for.ts";
import { getJob, listJobs } from "../../features/jobs/data.ts";
import { cancelJob, enqueueJob, retryJob } from "../../features/jobs/mutations.ts";
import { gatewayDependencies } from "../boot/dependencies.ts";
import { Gateway } from "../gateway/gateway.ts";
import { JobDispatcher } from "./dispatcher.ts";
import { JobStore } from "./job-store.ts";
import type { JobOutcomeHooks } from "./outcome-hooks.ts";
import { listenForWork, startQueue } from "./queue.ts";

const GRACE_MS = 500;
const logger = pino({ level: "silent" });
let postgres: TestPostgres;
let db: Database;
let hooks: JobOutcomeHooks;
const sites: Site[] = [];

/** A web process: gateway and dispatcher on a port of its own. */
class Site {
  readonly url: string;
  readonly jobs: JobDispatcher;
  private readonly end: () => Promise<void>;
  private readonly sockets: Socket[] = [];

  private constructor(url: string, jobs: JobDispatcher, end: () => Promise<void>) {
    this.url = url;
    this.jobs = jobs;
    this.end = end;
  }

  static async start(wakeOthers?: () => Promise<void>): Promise<Site> {
    const http = createServer();
    const io = new Server(http, { parser: socketParser });
    const dependencies = gatewayDependencies({ db, logger, version: "test", retentionDays: 30, graceMs: 200 });
    const gateway = new Gateway(io, {
      ...dependencies,
      listCameras: async () => [],
      verifyWorkerToken: async () => ({ id: "t" }),
      sessionOf: async () => ({ userId: "u" }),
    });
    const jobs = gateway.serveJobs(
      (link) =>
        new JobDispatcher({
          store: new JobStore(db, hooks),
          link,
          logger,
          graceMs: GRACE_MS,
          writeMs: 40,
          lookMs: 100,
          refusedMs: 300,
          ...(wakeOthers ? { wakeOthers } : {}),
        }),
    );
    await gateway.start();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const site = new Site(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, jobs, async () => {
      await io.close();
      await gateway.close();
      await jobs.close();
    });
    sites.push(site);
    return site;
  }

  async stop(): Promise<void> {
    sites.splice(sites.indexOf(this), 1);
    for (const socket of this.sockets) socket.disconnect();
    await this.end();
  }

  socket(namespace: string): Socket {
    const socket = connect(this.url + namespace, {
      parser: socketParser,
      auth: { token: "t", protocol: PROTOCOL_VERSION },
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
    });
    this.sockets.push(socket);
    return socket;
  }
}

type Started = { jobId: string; attempt: number; kind: JobKind; payload: unknown };

/** A worker that does what the test says. It keeps its runs over a lost connection, as a real one does. */
class FakeWorker {
  readonly id: string;
  readonly started: Started[] = [];
  readonly cancelled: string[] = [];
  refuses = false;
  runs: { jobId: string; attempt: number }[] = [];
  socket!: Socket;

  constructor(id: string) {
    this.id = id;
  }

  async join(site: Site, kinds: JobKind[] = ["build", "inspect"]): Promise<this> {
    const socket = site.socket("/worker");
    this.socket = socket;
    socket.on("assignment", (_: unknown, reply: (value: unknown) => void) => reply({ ok: true, value: { running: 0 } }));
    socket.on("startJob", (run: Started, reply: (value: unknown) => void) => {
      if (this.refuses) return reply({ ok: false, error: { code: "UNSUPPORTED", message: "not here" } });
      this.started.push(run);
      this.runs.push({ jobId: run.jobId, attempt: run.attempt });
      reply({ ok: true, value: { running: this.runs.length } });
    });
    socket.on("cancelJob", (run: { jobId: string; attempt: number }, reply: (value: unknown) => void) => {
      this.cancelled.push(`${run.jobId}/${run.attempt}`);
      this.forget(run.jobId);
      reply({ ok: true, value: { known: true } });
    });
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const hello = newHello(this.id, { bootId: randomUUID(), jobKinds: kinds, jobs: this.runs });
    expect(await socket.emitWithAck("hello", hello)).toMatchObject({ ok: true });
    return this;
  }

  leave(): void {
    this.socket.disconnect();
  }

  forget(jobId: string): void {
    this.runs = this.runs.filter((run) => run.jobId !== jobId);
  }

  report({ jobId, attempt }: Started, percent: number, ...log: string[]): void {
    this.socket.emit("jobProgress", { jobId, attempt, progress: { percent, stage: "measuring", ratePerSecond: 2, secondsLeft: 10 }, log });
  }

  async finish({ jobId, attempt }: Started, outcome: unknown = { state: "done", result: buildResult }): Promise<unknown> {
    const answer = (await this.socket.timeout(20_000).emitWithAck("jobEnded", { jobId, attempt, outcome })) as { ok: boolean };
    if (answer.ok) this.forget(jobId);
    return answer;
  }
}

const artifact = { sha256: "a".repeat(64), sizeBytes: 1 };
const buildResult = { artifact, report: null, reportPage: null, summary: { layers: 3 }, warnings: [], tool: "octet 1" };
const taken = (is: boolean) => ({ ok: true, value: { taken: is } });

async function queueBuild(site: Site | null, name = "model", onWorkerId: string | null = null): Promise<Job> {
  const job = await enqueueJob(db, {
    kind: "build",
    payload: { model: { ...artifact, name }, options: { precision: "fp16" }, calibration: null },
    title: `Build ${name}`,
    onWorkerId,
    createdBy: "test",
  });
  site?.jobs.changed(job);
  return job;
}
const jobOf = (id: string) => getJob(db, { id, logLimit: 100 });
const state = async (id: string): Promise<string> => (await jobOf(id)).state;
const start = (worker: FakeWorker, count = 1): Promise<Started> =>
  waitFor(`${worker.id} to start`, () => worker.started[count - 1], 8000, 10);

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 6 });
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  hooks = {};
  await db.job.deleteMany();
  await db.worker.deleteMany();
});
afterEach(async () => {
  for (const site of [...sites]) await site.stop();
});

it("runs a job to its end, with progress, log and result, and takes its outcome once", async () => {
  const seen: string[] = [];
  hooks.build = async (tx, job, result) => {
    seen.push(`${job.payload.model.name} ${result.tool} ${(await tx.job.findUnique({ where: { id: job.id } }))?.state}`);
  };
  const site = await Site.start();
  const worker = await new FakeWorker("w").join(site);
  const browser = site.socket("/live");
  const events: Job[] = [];
  browser.on("job", (job: Job) => events.push(job));
  await browser.emitWithAck("watch", { frames: [], previews: [], videos: [], status: true });
  const job = await queueBuild(site);
  const run = await start(worker);
  expect(run).toMatchObject({
    jobId: job.id,
    attempt: 1,
    kind: "build",
    payload: { model: { name: "model" }, options: { refine: "feedback" } },
  });
  worker.report(run, 40, "first", "second");
  await waitFor("progress", async () => (await jobOf(job.id)).percent === 40);
  worker.report(run, 60, "third");
  expect(await worker.finish(run)).toEqual(taken(true));
  expect(await jobOf(job.id)).toMatchObject({ state: "done", percent: 100, attempt: 1, workerId: "w", result: { tool: "octet 1" } });
  expect((await jobOf(job.id)).log.lines.map((line) => line.text)).toEqual(["Attempt 1 goes to w", "first", "second", "third"]);
  expect(seen).toEqual(["model octet 1 running"]);
  expect(await worker.finish(run)).toEqual(taken(false));
  expect(seen).toHaveLength(1);
  await waitFor("the live events", () => events.at(-1)?.state === "done");
  expect(events.map((event) => event.state).filter((value, index, all) => value !== all[index - 1])).toEqual(["queued", "running", "done"]);
  expect(events.some((event) => event.percent === 40 && event.stage === "measuring")).toBe(true);
});

it("gives a dead worker's job to another one, and does not take the first one's late outcome", async () => {
  const site = await Site.start();
  const first = await new FakeWorker("a").join(site);
  const job = await queueBuild(site);
  const lost = await start(first);
  const second = await new FakeWorker("b").join(site);
  first.report(lost, 70);
  await waitFor("progress", async () => (await jobOf(job.id)).percent === 70);
  first.leave();
  const run = await start(second);
  expect(run).toMatchObject({ jobId: job.id, attempt: 2 });
  await first.join(site);
  await waitFor("the stale run to be stopped", () => first.cancelled.includes(`${job.id}/1`));
  first.report(lost, 99, "late");
  expect(await first.finish(lost, { state: "failed", error: { code: "INTERNAL", message: "late" } })).toEqual(taken(false));
  expect(await jobOf(job.id)).toMatchObject({ state: "running", attempt: 2, workerId: "b" });
  expect(await second.finish(run)).toEqual(taken(true));
  const ended = await jobOf(job.id);
  expect(ended).toMatchObject({ state: "done", attempt: 2 });
  expect(ended.log.lines.map((line) => line.text)).toContain("The worker a was lost: queued again");
  expect(ended.log.lines.map((line) => line.text)).not.toContain("late");
});

it("lets a worker go on that is back in time, and begins anew at once what it has forgotten", async () => {
  const site = await Site.start();
  const worker = await new FakeWorker("w").join(site);
  const job = await queueBuild(site);
  const run = await start(worker);
  worker.leave();
  await worker.join(site);
  await delay(GRACE_MS + 300);
  expect(await jobOf(job.id)).toMatchObject({ state: "running", attempt: 1 });
  worker.leave();
  worker.runs = [];
  await worker.join(site);
  expect(await start(worker, 2)).toMatchObject({ jobId: job.id, attempt: 2 });
  expect(await worker.finish(run)).toEqual(taken(false));
  expect(await worker.finish(worker.started[1]!)).toEqual(taken(true));
});

it("gives up after three lost attempts, and tries three times more when asked", async () => {
  const site = await Site.start();
  const worker = new FakeWorker("w");
  const job = await queueBuild(site);
  for (let attempt = 1; attempt <= 3; attempt++) {
    worker.runs = [];
    await worker.join(site);
    expect((await start(worker, attempt)).attempt).toBe(attempt);
    worker.leave();
  }
  worker.runs = [];
  await worker.join(site);
  const failed = await waitFor("failure", async () => ((await state(job.id)) === "failed" ? jobOf(job.id) : null));
  expect(failed).toMatchObject({ attempt: 3, error: { code: "WORKER_UNAVAILABLE" } });
  expect(failed.error?.hint).toBeTruthy();
  const again = await retryJob(db, job.id);
  expect(again).toMatchObject({ state: "queued", error: null });
  site.jobs.changed(again);
  const run = await start(worker, 4);
  expect(run.attempt).toBe(4);
  await worker.finish(run, { state: "cancelled" });
  expect((await start(worker, 5)).attempt).toBe(5);
  expect(await worker.finish(worker.started[4]!)).toEqual(taken(true));
  await expect(retryJob(db, job.id)).rejects.toMatchObject({ code: "CONFLICT" });
});

it("survives a crash of Postgres: the worker keeps its outcome until it is taken", async () => {
  const site = await Site.start();
  const worker = await new FakeWorker("w").join(site);
  const job = await queueBuild(site);
  const run = await start(worker);
  await postgres.crash();
  worker.report(run, 50, "said while it was away");
  expect(await worker.finish(run)).toMatchObject({ ok: false, error: { code: "DATABASE_UNAVAILABLE" } });
  await delay(GRACE_MS + 200);
  await postgres.restart();
  await waitFor("the outcome to be taken", async () => ((await worker.finish(run)) as { ok: boolean }).ok, 20_000, 200);
  const ended = await jobOf(job.id);
  expect(ended).toMatchObject({ state: "done", attempt: 1 });
  expect(ended.log.lines.map((line) => line.text)).toContain("said while it was away");
});

it("survives a restart of the web app: a run goes on whose worker is back, and one whose worker is not is begun anew", async () => {
  const before = await Site.start();
  const [back, gone] = [await new FakeWorker("back").join(before), await new FakeWorker("gone").join(before)];
  const jobs = [await queueBuild(before, "one"), await queueBuild(before, "two")];
  const [kept, lost] = [await start(back), await start(gone)];
  await before.stop();
  const after = await Site.start();
  await back.join(after);
  const spare = await new FakeWorker("spare").join(after);
  const run = await start(spare);
  expect(run).toMatchObject({ jobId: lost.jobId, attempt: 2 });
  expect(await jobOf(kept.jobId)).toMatchObject({ state: "running", attempt: 1, workerId: "back" });
  expect(await back.finish(kept)).toEqual(taken(true));
  expect(await spare.finish(run)).toEqual(taken(true));
  expect((await listJobs(db, { states: ["done"], limit: 10 })).items.map((job) => job.id).sort()).toEqual(jobs.map((job) => job.id).sort());
  expect(back.started).toHaveLength(1);
});

it("cancels what waits and what runs, and ignores what comes of it later", async () => {
  const site = await Site.start();
  const worker = await new FakeWorker("w").join(site);
  const [running, waiting] = [await queueBuild(site, "one"), await queueBuild(site, "two")];
  const run = await start(worker);
  expect(run.jobId).toBe(running.id);
  // The one that waits first: it would begin as soon as the other is out of its way.
  for (const { id } of [waiting, running]) site.jobs.changed(await cancelJob(db, id));
  await waitFor("the worker to hear of it", () => worker.cancelled.includes(`${running.id}/1`));
  expect(await worker.finish(run)).toEqual(taken(false));
  expect([await state(running.id), await state(waiting.id)]).toEqual(["cancelled", "cancelled"]);
  expect(worker.started).toHaveLength(1);
  await expect(cancelJob(db, running.id)).rejects.toMatchObject({ code: "CONFLICT" });
  const again = await retryJob(db, running.id);
  site.jobs.changed(again);
  expect(await start(worker, 2)).toMatchObject({ jobId: running.id, attempt: 2 });
});

it("has a job wait for the worker that it names, and for none that is forgotten", async () => {
  await expect(queueBuild(null, "nowhere", "never-seen")).rejects.toMatchObject({ code: "NOT_FOUND" });
  for (const id of ["named", "gone"])
    await db.worker.upsert({ where: { id }, create: { id, name: id, version: "0", host: {}, model: {} }, update: {} });
  const site = await Site.start();
  const other = await new FakeWorker("other").join(site);
  const job = await queueBuild(site, "model", "named");
  expect(job).toMatchObject({ onWorkerId: "named", workerId: null });
  const free = await queueBuild(site, "free");
  expect(await start(other)).toMatchObject({ jobId: free.id });
  await other.finish(await start(other));
  expect(await state(job.id)).toBe("queued");
  const named = await new FakeWorker("named").join(site);
  await named.finish(await start(named));
  await vi.waitFor(async () => expect(await jobOf(job.id)).toMatchObject({ state: "done", workerId: "named" }), {
    timeout: 5000,
    interval: 10,
  });
  const lost = await queueBuild(site, "lost", "gone");
  await db.worker.delete({ where: { id: "gone" } });
  site.jobs.changed(lost);
  await vi.waitFor(async () => expect((await jobOf(lost.id)).workerId).not.toBeNull(), { timeout: 5000, interval: 10 });
});

it("runs one long job a worker at a time, light ones beside it, and goes to another worker where one refuses", async () => {
  const site = await Site.start();
  const unwilling = new FakeWorker("a");
  unwilling.refuses = true;
  await unwilling.join(site);
  const worker = await new FakeWorker("b").join(site);
  const one = await queueBuild(site, "one");
  const first = await start(worker);
  expect(first).toMatchObject({ jobId: one.id, attempt: 1 });
  const two = await queueBuild(site, "two");
  const inspect = await enqueueJob(db, {
    kind: "inspect",
    payload: { model: { ...artifact, name: "m" }, stated: { licence: "", origin: "", notes: "" } },
    title: "Inspect",
    createdBy: null,
  });
  site.jobs.changed(inspect);
  expect(await start(worker, 2)).toMatchObject({ jobId: inspect.id });
  await delay(400);
  expect(worker.started).toHaveLength(2);
  // The unwilling one is asked now and then, and has it until it has refused.
  await vi.waitFor(async () => expect(await jobOf(two.id)).toMatchObject({ state: "queued", attempt: 0 }), { timeout: 5000, interval: 10 });
  await worker.finish(first);
  expect(await start(worker, 3)).toMatchObject({ jobId: two.id, attempt: 1 });
});

it("fails a job whose result is not of its kind, or that cannot be put where it belongs; nothing of it stays", async () => {
  hooks.build = async (tx, job) => {
    await tx.auditEntry.create({ data: { who: "hook", action: "half", subject: job.id, detail: {} } });
    throw new Error("relation nonsense does not exist");
  };
  const site = await Site.start();
  const worker = await new FakeWorker("w").join(site);
  const one = await queueBuild(site, "one");
  expect(await worker.finish(await start(worker), { state: "done", result: { nonsense: 1 } })).toEqual(taken(true));
  expect(await jobOf(one.id)).toMatchObject({ state: "failed", error: { code: "PROTOCOL_MISMATCH" } });
  const two = await queueBuild(site, "two");
  expect(await worker.finish(await start(worker, 2))).toEqual(taken(true));
  const ended = await jobOf(two.id);
  expect(ended).toMatchObject({ state: "failed", error: { code: "INTERNAL" }, result: null });
  expect(ended.error?.message).not.toContain("nonsense");
  expect(await db.auditEntry.count({ where: { action: "half" } })).toBe(0);
});

it("never begins a job twice, however many web processes look, and hears of another's jobs", async () => {
  const boss = await startQueue(postgres.url, logger);
  try {
    const here = await Site.start(() => wake());
    const there = await Site.start();
    const wake = await listenForWork(boss, () => there.jobs.look());
    const workers = [await new FakeWorker("a").join(here), await new FakeWorker("b").join(there)];
    const jobs = await Promise.all(Array.from({ length: 6 }, (_, index) => queueBuild(index % 2 ? here : there, `m${index}`)));
    for (let done = 0; done < jobs.length; done++) {
      const [worker, run] = await waitFor("a run", () => {
        const found = workers.find((candidate) => candidate.runs.length > 0);
        return found && ([found, found.started.at(-1)!] as const);
      });
      expect(worker.runs).toHaveLength(1);
      expect(await worker.finish(run)).toEqual(taken(true));
    }
    const begun = workers.flatMap((worker) => worker.started.map((run) => run.jobId));
    expect(begun.sort()).toEqual(jobs.map((job) => job.id).sort());
    expect(workers.every((worker) => worker.started.every((run) => run.attempt === 1))).toBe(true);
  } finally {
    await boss.stop({ graceful: false, wait: true, timeout: 5000 });
  }
});

it("keeps the last lines of a log, and pages through it and through the jobs", async () => {
  const store = new JobStore(db, {});
  const jobs = [];
  for (let index = 0; index < 3; index++) jobs.push(await queueBuild(null, `m${index}`));
  const { id } = jobs[0]!;
  await store.log(
    id,
    Array.from({ length: 1500 }, (_, index) => `a${index}`),
  );
  await store.log(
    id,
    Array.from({ length: 700 }, (_, index) => (index === 699 ? "with \0 in it" : `b${index}`)),
  );
  expect(await db.jobLog.count({ where: { jobId: id } })).toBe(2000);
  const page = await getJob(db, { id, logLimit: 2 });
  expect(page.log.lines.map((line) => line.text)).toEqual(["b698", "with � in it"]);
  const older = await getJob(db, { id, logLimit: 1, logBefore: page.log.olderCursor });
  expect(older.log.lines.map((line) => line.text)).toEqual(["b697"]);
  const first = await listJobs(db, { limit: 2, kinds: ["build"] });
  const rest = await listJobs(db, { limit: 2, cursor: first.nextCursor });
  expect([...first.items, ...rest.items].map((job) => job.id)).toEqual(jobs.map((job) => job.id).reverse());
  expect(rest.nextCursor).toBeNull();
  await expect(
    enqueueJob(db, {
      kind: "build",
      payload: { model: { ...artifact, name: "x" }, options: { precision: "int1" as "fp16" }, calibration: null },
      title: "",
      createdBy: null,
    }),
  ).rejects.toMatchObject({ code: "BAD_INPUT" });
});
