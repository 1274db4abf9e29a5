import { createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { createDatabase, type Database } from "@octet/db/client";
import { anywhere } from "@octet/shared/domain/placement";
import { PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import { socketParser } from "@octet/shared/protocol/parser";
import { newFrame, onFrame, sendFrames } from "@octet/testing/live-frames";
import { newCameraStatus } from "@octet/testing/new-camera-status";
import { newHello, newWorkerLoad } from "@octet/testing/new-worker";
import { pino } from "pino";
import { Server } from "socket.io";
import { io as connect, type Socket } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { TestPostgres } from "../../../../../packages/testing/src/postgres.ts";
import { waitFor } from "../../../../../packages/testing/src/wait-for.ts";
import { gatewayDependencies } from "../boot/dependencies.ts";
import { joinReplicas, type Others } from "../boot/join-replicas.ts";
import { Gateway } from "../gateway/gateway.ts";
import type { JobLink } from "../jobs/dispatcher.ts";
import { REPLICA_PROTOCOL } from "./replica-events.ts";
import { Replicas } from "./replicas.ts";

const logger = pino({ level: "silent" });
const key = Buffer.alloc(32, 7);
let postgres: TestPostgres;
let db: Database;
const sites: Site[] = [];
const sockets: Socket[] = [];

/** A web process, but for its pages. */
class Site {
  readonly url: string;
  readonly gateway: Gateway;
  readonly replicas: Replicas;
  jobs!: JobLink;
  /** By how much each reading of the cameras is delayed. */
  readMs = 0;
  private readonly io: Server;
  private readonly others: Others;

  private constructor(io: Server, url: string, secret: Buffer) {
    this.io = io;
    this.url = url;
    this.replicas = new Replicas(false);
    this.gateway = new Gateway(
      io,
      {
        ...gatewayDependencies({ db, logger, version: "test", retentionDays: 30, graceMs: 1500 }),
        listCameras: async () => {
          await setTimeout(this.readMs);
          return (await db.camera.findMany({ orderBy: { id: "asc" } })).map(({ id, name, workerId, epoch }) => ({
            ...{ id, name, workerId, epoch, url: "rtsp://camera/1", substreamUrl: null, transport: "tcp" as const },
            ...{
              detectFps: 5,
              confidence: 0.5,
              classes: [],
              priority: "normal" as const,
              stillFps: null,
              latencyBudgetMs: null,
              placement: anywhere,
              tags: [],
              model: null,
              shadow: null,
            },
          }));
        },
        verifyWorkerToken: async () => ({ id: "t" }),
        sessionOf: async () => ({ userId: "u" }),
      },
      this.replicas,
    );
    this.gateway.serveJobs((link) => {
      this.jobs = link;
      return { joining: async () => [], joined: () => {}, progressed: () => {}, ended: async () => true };
    });
    this.others = joinReplicas({ io, replicas: this.replicas, databaseUrl: postgres.url, url, key: secret, logger });
  }

  static async start(secret = key): Promise<Site> {
    const http = createServer();
    const io = new Server(http, { parser: socketParser });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const site = new Site(io, `http://127.0.0.1:${(http.address() as AddressInfo).port}`, secret);
    await site.gateway.start();
    await site.others.start();
    sites.push(site);
    return site;
  }

  /** It acts no more, and all that was connected to it is let go of. */
  async end(): Promise<void> {
    sites.splice(sites.indexOf(this), 1);
    await this.gateway.close();
    this.others.close();
    await this.io.close();
    await this.others.stepDown();
  }
}

function socketTo(site: Site, namespace: string): Socket {
  const auth = { token: "t", protocol: PROTOCOL_VERSION };
  const socket = connect(site.url + namespace, {
    parser: socketParser,
    auth,
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
  });
  sockets.push(socket);
  return socket;
}

class FakeWorker {
  readonly id: string;
  socket!: Socket;
  assigned: { id: string; epoch: number }[] | null = null;
  watch: { frames: string[]; previews: string[] } | null = null;
  started: string[] = [];

  constructor(id: string) {
    this.id = id;
  }

  async join(site: Site): Promise<this> {
    const socket = socketTo(site, "/worker");
    this.socket = socket;
    this.assigned = null;
    socket.on("assignment", ({ cameras }: { cameras: { id: string; epoch: number }[] }, reply: (value: unknown) => void) => {
      this.assigned = cameras;
      reply({ ok: true, value: { running: cameras.length } });
    });
    socket.on("watch", (watch: { frames: string[]; previews: string[] }) => {
      this.watch = watch;
    });
    socket.on("probe", ({ url }: { url: string }, reply: (value: unknown) => void) =>
      url.endsWith("/good")
        ? reply({ ok: true, value: { ...stream, snapshot: Buffer.from([1, 2, 3]) } })
        : reply({ ok: false, error: { code: "CAMERA_REFUSED", message: "refused", hint: "look at it" } }),
    );
    socket.on("startJob", ({ jobId }: { jobId: string }, reply: (value: unknown) => void) => {
      this.started.push(jobId);
      reply({ ok: true, value: { running: 1 } });
    });
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const hello = newHello(this.id, { jobKinds: ["build"] });
    expect(await socket.emitWithAck("hello", hello)).toMatchObject({ ok: true });
    return this;
  }

  /** Says that all that it was given is online. */
  report(): void {
    const cameras = (this.assigned ?? []).map(({ id }) => newCameraStatus({ cameraId: id, workerId: this.id }));
    const totals = { framesDecoded: 1, framesInferred: 1, framesDropped: 0, detections: 1 };
    this.socket.emit("telemetry", { cameras, load: newWorkerLoad(), totals, stages: [], shadows: [] });
  }
}

const stream = { codec: "h264", width: 640, height: 360, fps: 25, gop: 50, bitrateKbps: 1, hasAudio: false, openMs: 5 };
const frameOf = (cameraId: string, seq: number) => newFrame(cameraId, seq, Buffer.from([0xff, 0xd8]));
const soon = <T>(what: string, probe: () => T | Promise<T>): Promise<NonNullable<T>> => waitFor(what, probe, 15_000, 10);
const placedOn = async (): Promise<Record<string, string | null>> =>
  Object.fromEntries((await db.camera.findMany()).map(({ name, workerId, epoch }) => [name, `${workerId} ${epoch}`]));

/** Two web processes that know each other; the first leads. A worker on each, four cameras spread over both. */
async function pair(): Promise<{ a: Site; b: Site; one: FakeWorker; two: FakeWorker }> {
  const a = await Site.start();
  const b = await Site.start();
  await soon("both to meet", () => a.replicas.peers.size === 1 && b.replicas.peers.size === 1);
  expect([a.replicas.leads, b.replicas.leads]).toEqual([true, false]);
  const one = await new FakeWorker("one").join(a);
  const two = await new FakeWorker("two").join(b);
  const work = setInterval(() => {
    one.report();
    two.report();
  }, 30);
  await soon("cameras to spread", () => one.assigned?.length === 2 && two.assigned?.length === 2);
  clearInterval(work);
  await soon("the hand-overs to end", async () => (await db.cameraLease.count({ where: { from: null, until: null } })) === 0);
  return { a, b, one, two };
}

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 6 });
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await db.cameraLease.deleteMany();
  await db.camera.deleteMany();
  await db.worker.deleteMany();
  for (const name of ["1", "2", "3", "4"]) await db.camera.create({ data: { name, urlSealed: "x" } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  for (const site of [...sites]) await site.end();
});

it("shows and does the same whichever replica a browser is connected to", async () => {
  const { a, b, one, two } = await pair();
  // Status, workers, health.
  one.report();
  two.report();
  for (const { gateway } of [a, b]) await soon("all states", () => gateway.cameraStatuses().length === 4);
  expect(await a.gateway.health()).toEqual(await b.gateway.health());
  expect(a.gateway.workers().map(({ id, committed }) => [id, committed !== null])).toEqual([
    ["one", true],
    ["two", true],
  ]);
  // Over all replicas metrics add up.
  const online = async ({ gateway }: Site) => (await gateway.metrics()).match(/octet_cameras\{state="online"\} (\d)/)?.[1];
  expect([await online(a), await online(b)]).toEqual(["2", "2"]);

  // Frames of a worker there, only while a browser here watches; pictures only where they are asked for.
  const camera = two.assigned![0]!.id;
  const [boxes, pictures] = [socketTo(a, "/live"), socketTo(a, "/live")];
  const seen: [string, number, boolean][] = [];
  onFrame(boxes, ({ seq, preview }) => seen.push(["boxes", seq, preview !== null]));
  onFrame(pictures, ({ seq, preview }) => seen.push(["pictures", seq, preview !== null]));
  await boxes.emitWithAck("watch", { frames: [camera], previews: [], videos: [], status: true });
  await soon("the worker to hear of it", () => two.watch?.frames[0] === camera);
  // The worker may hear of it by the replica that leads, before its own does: until then frames go nowhere.
  const comes = (what: string, which: (frame: [string, number, boolean]) => boolean): Promise<unknown> =>
    soon(what, () => {
      sendFrames(two.socket, frameOf(camera, 0));
      return seen.some(which);
    });
  await comes("a frame", ([to]) => to === "boxes");
  sendFrames(two.socket, frameOf(camera, 1));
  await soon("the frame", () => seen.some(([, seq]) => seq === 1));
  await pictures.emitWithAck("watch", { frames: [camera], previews: [camera], videos: [], status: false });
  await soon("the worker to hear of it", () => two.watch?.previews[0] === camera);
  await comes("a picture", ([to, , withPicture]) => to === "pictures" && withPicture);
  sendFrames(two.socket, frameOf(camera, 2));
  await soon("the frames", () => seen.filter(([, seq]) => seq === 2).length === 2);
  expect(seen.filter(([, seq]) => seq > 0).sort()).toEqual([
    ["boxes", 1, false],
    ["boxes", 2, false],
    ["pictures", 2, true],
  ]);
  pictures.disconnect();
  await soon("the worker to hear of it", () => two.watch?.previews.length === 0);

  // What changes, and jobs.
  const told: string[] = [];
  boxes.on("changed", ({ topic }: { topic: string }) => told.push(topic));
  b.gateway.changed("models");
  await soon("the news", () => told.includes("models"));
  const run = { jobId: randomUUID(), attempt: 1, kind: "build" as const, payload: {} };
  expect(await a.jobs.startJob("two", run)).toEqual({ answer: "taken" });
  expect(two.started).toEqual([run.jobId]);
  expect(await a.jobs.startJob("nobody", run)).toEqual({ answer: "gone" });
});

it("tests a connection by a worker of another replica, and says what is wrong in its words", async () => {
  const { a, two } = await pair();
  const probe = (url: string) => a.gateway.probe({ url, transport: "tcp", workerId: "two" });
  expect([...(await probe("rtsp://camera/good")).snapshot!]).toEqual([1, 2, 3]);
  await expect(probe("rtsp://camera/bad")).rejects.toMatchObject({ code: "CAMERA_REFUSED", hint: "look at it" });
  two.socket.off("probe");
  const lost = probe("rtsp://camera/good");
  two.socket.disconnect();
  await expect(lost).rejects.toMatchObject({ code: "WORKER_UNAVAILABLE" });
});

it("drains a worker of one replica by way of another, and lets one that ends go", async () => {
  const { a, b, one, two } = await pair();
  const work = setInterval(() => two.report(), 30);
  await b.gateway.workerDrains("one", true);
  await soon("the cameras to move", () => one.assigned?.length === 0 && two.assigned?.length === 4);
  clearInterval(work);
  await b.gateway.workerDrains("one", false);
  const back = setInterval(() => one.report(), 30);
  await soon("some to come back", () => one.assigned?.length === 2 && two.assigned?.length === 2);
  // Longer than it waits between two looks at its hand-overs.
  a.readMs = 100;
  expect(await two.socket.timeout(15_000).emitWithAck("leaving", {})).toEqual({ ok: true, value: { moved: 2 } });
  clearInterval(back);
});

it("has another replica lead when the leader ends, moves no camera for it, and takes its workers in", async () => {
  const { a, b, one, two } = await pair();
  const before = await placedOn();
  await a.end();
  await soon("the other to lead", () => b.replicas.leads);
  await one.join(b);
  const own = Object.values(before).filter((worker) => worker?.startsWith("one")).length;
  await soon("the worker to have its cameras again", () => one.assigned?.length === own);
  // Placement has run under the new leader by now; a change shows that it works.
  await b.gateway.camerasChanged();
  expect(await placedOn()).toEqual(before);
  // One that does not come back loses its cameras.
  one.socket.disconnect();
  await soon("the cameras to move", () => two.assigned?.length === 4);
});

it("steps down where Postgres ends its connection, and some replica leads again", async () => {
  const { a, b, one, two } = await pair();
  const before = await placedOn();
  const channels = () => db.$queryRaw<{ pid: number }[]>`SELECT pid FROM pg_stat_activity WHERE application_name = 'octet-replica'`;
  const old = new Set((await channels()).map(({ pid }) => pid));
  await db.$queryRaw`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'octet-replica'`;
  await soon("new connections", async () => (await channels()).filter(({ pid }) => !old.has(pid)).length === 2);
  await soon("one to lead", () => a.replicas.leads !== b.replicas.leads);
  await b.gateway.camerasChanged();
  expect(await placedOn()).toEqual(before);
  expect([one.socket.connected, two.socket.connected]).toEqual([true, true]);
});

it("does not talk to a web process of another installation", async () => {
  const site = await Site.start();
  const at = Date.now();
  for (const mac of ["", createHmac("sha256", Buffer.alloc(32, 8)).update(`other ${at}`).digest("base64url")]) {
    const auth = { id: "other", protocol: REPLICA_PROTOCOL, at, mac };
    const socket = connect(`${site.url}/replica`, { parser: socketParser, auth, transports: ["websocket"], forceNew: true });
    sockets.push(socket);
    const error = await new Promise<Error>((resolve) => socket.once("connect_error", resolve));
    expect(error.message).toMatch(/not a replica/);
  }
  expect(site.replicas.peers.size).toBe(0);
});
