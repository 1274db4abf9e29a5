import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { redDetector, redPicture } from "@octet/precision/testing/red-detector";
import type { PayloadOf } from "@octet/shared/protocol/catalogue";
import { socketParser } from "@octet/shared/protocol/parser";
import { WORKER_NAMESPACE, type WorkerToGateway } from "@octet/shared/protocol/worker-protocol";
import { NodeProcess } from "@octet/testing/node-process";
import { waitFor } from "@octet/testing/wait-for";
import { Server, type Socket } from "socket.io";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ArtifactServer, TEST_TOKEN } from "../testing/artifact-server.ts";

/** The gateway's end, with a memory of what it was told, and a say in what it takes. */
let server: ArtifactServer;
let io: Server;
let home: string;
let worker: NodeProcess | null = null;
let socket: Socket | null = null;
let takes = true;
const hellos: PayloadOf<WorkerToGateway, "hello">[] = [];
const progress: PayloadOf<WorkerToGateway, "jobProgress">[] = [];
const ended: PayloadOf<WorkerToGateway, "jobEnded">[] = [];

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "octet-worker-jobs-"));
  mkdirSync(path.join(home, "media"), { recursive: true });
  server = await ArtifactServer.start();
  io = new Server(server.server, { parser: socketParser, maxHttpBufferSize: 32 << 20 });
  io.of(WORKER_NAMESPACE).on("connection", (joined) => {
    joined.on("hello", (hello, reply) => {
      hellos.push(hello);
      socket = joined;
      reply({ ok: true, value: { serverTime: Date.now() } });
    });
    joined.on("jobProgress", (report) => progress.push(report));
    joined.on("jobEnded", (report, reply) => {
      if (!takes) return reply({ ok: false, error: { code: "DATABASE_UNAVAILABLE", message: "no database" } });
      ended.push(report);
      reply({ ok: true, value: { taken: true } });
    });
    joined.on("disconnect", () => {
      if (socket === joined) socket = null;
    });
  });
  await startWorker();
});
afterAll(async () => {
  await worker?.end("SIGKILL");
  await io?.close();
  rmSync(home, { recursive: true, force: true });
});

async function startWorker(): Promise<void> {
  const greeted = hellos.length;
  worker = await new NodeProcess(fileURLToPath(new URL("../main.ts", import.meta.url)), {
    OCTET_URL: server.url,
    OCTET_WORKER_TOKEN: TEST_TOKEN,
    OCTET_WORKER_NAME: "one",
    OCTET_HOME: home,
    OCTET_INFER_THREADS: "1",
    OCTET_MEDIA_THREADS: "1",
    UV_THREADPOOL_SIZE: "16",
    LOG_LEVEL: "info",
  }).ready();
  await waitFor("the worker to say hello", () => hellos.length > greeted && socket !== null, 30_000);
}

const start = (run: { jobId: string; attempt: number }, kind: string, payload: unknown): Promise<unknown> =>
  socket!.timeout(20_000).emitWithAck("startJob", { ...run, kind, payload });
const stored = (): string[] => readdirSync(path.join(home, "jobs")).filter((name) => name.endsWith(".json"));
const newRun = () => ({ jobId: randomUUID(), attempt: 1 });
const model = () => ({ name: "red", ...server.add(redDetector()) });
const stated = { licence: "", origin: "", notes: "" };

it("keeps what a job found while the gateway cannot take it, and when it is killed itself", async () => {
  expect(hellos[0]).toMatchObject({ jobs: [] });
  expect([...hellos[0]!.jobKinds].sort()).toEqual(["benchmark", "build", "collect", "import", "inspect", "validate"]);
  takes = false;
  const run = newRun();
  expect(await start(run, "inspect", { model: model(), stated })).toEqual({ ok: true, value: { running: 1 } });
  await waitFor("the outcome to be on disk", () => stored().length === 1, 60_000);
  expect(progress.some((report) => report.jobId === run.jobId)).toBe(true);
  await worker!.end("SIGKILL");
  await startWorker();
  expect(hellos.at(-1)!.jobs).toEqual([run]);
  takes = true;
  await waitFor("the outcome to be taken", () => stored().length === 0, 30_000);
  expect(ended).toMatchObject([{ ...run, outcome: { state: "done", result: { family: "yolov5-face", inputWidth: 64 } } }]);
});

it("forgets what it was at when it is killed, and gives the same when that is asked for again", async () => {
  const files = await Promise.all(
    [0, 1, 2, 3].map(async (column) => ({
      path: `images/${column}.png`,
      ...server.add(await redPicture([{ column, row: 1, strength: 1 }])),
    })),
  );
  const calibration = server.add(JSON.stringify({ layout: "images", images: "images", groundTruth: null, files }));
  const options = { precision: "int8-ptq", hostLatency: false, weightBits: 7 };
  const run = newRun();
  const build = { model: model(), options, calibration };
  // However fast it is, it does not come to its end: nobody takes what it has built.
  server.answer = ({ method }) => (method === "PUT" ? { status: 503 } : null);
  await start(run, "build", build);
  await waitFor("it to be at it", () => progress.some((report) => report.jobId === run.jobId && report.progress.percent > 0), 60_000);
  await worker!.end("SIGKILL");
  server.answer = null;
  await startWorker();
  expect(hellos.at(-1)!.jobs).toEqual([]);
  const outcomes = [];
  for (const again of [{ ...run, attempt: 2 }, newRun()]) {
    await start(again, "build", build);
    await waitFor("it to end", () => ended.some((report) => report.jobId === again.jobId), 90_000);
    outcomes.push(ended.find((report) => report.jobId === again.jobId && report.attempt === again.attempt)!.outcome);
  }
  expect(outcomes[0]).toMatchObject({ state: "done" });
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(ended.filter((report) => report.jobId === run.jobId)).toHaveLength(1);
});

it("is stopped when it is told to, and says why it takes no second heavy job", async () => {
  // The server keeps the job waiting for its model.
  server.answer = () => ({ status: 503 });
  const run = newRun();
  const payload = { model: { name: "x", sha256: "0".repeat(64), sizeBytes: 1 }, options: { precision: "fp16" }, calibration: null };
  await start(run, "build", payload);
  expect(await start(newRun(), "build", payload)).toMatchObject({ ok: false, error: { code: "CONFLICT" } });
  expect(await start(newRun(), "build", {})).toMatchObject({ ok: false, error: { code: "BAD_INPUT" } });
  expect(await socket!.timeout(10_000).emitWithAck("cancelJob", run)).toEqual({ ok: true, value: { known: true } });
  await waitFor("the run to be over", () => ended.some((report) => report.jobId === run.jobId), 30_000);
  expect(ended.at(-1)).toMatchObject({ ...run, outcome: { state: "cancelled" } });
  server.answer = null;
});
