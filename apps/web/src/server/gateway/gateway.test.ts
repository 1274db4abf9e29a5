import { randomUUID } from "node:crypto";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CameraStatus } from "@octet/shared/domain/camera";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import { anywhere } from "@octet/shared/domain/placement";
import type { ShadowExample, ShadowReport } from "@octet/shared/domain/shadow";
import { PROTOCOL_VERSION } from "@octet/shared/protocol/catalogue";
import { socketParser } from "@octet/shared/protocol/parser";
import { newFrame, onFrame, sendFrames } from "@octet/testing/live-frames";
import { newCameraStatus, newFrameCounters } from "@octet/testing/new-camera-status";
import { newHello, newWorkerLoad } from "@octet/testing/new-worker";
import { pino } from "pino";
import { Server } from "socket.io";
import { io as connect, type Socket } from "socket.io-client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { GatewayDependencies, PlacedCameraRow } from "./dependencies.ts";
import { Gateway } from "./gateway.ts";

let http: HttpServer;
let io: Server;
let gateway: Gateway;
let url: string;
let cameras: PlacedCameraRow[];
let databaseDown: boolean;
const savedShadows: ShadowReport[] = [];
const examples: ShadowExample[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  cameras = ["a", "b"].map((name) => ({
    id: randomUUID(),
    name,
    url: "rtsp://user:secret@camera/1",
    substreamUrl: null,
    transport: "tcp" as const,
    detectFps: 5,
    confidence: 0.5,
    classes: [],
    priority: "normal",
    stillFps: null,
    latencyBudgetMs: null,
    placement: anywhere,
    tags: [],
    workerId: null,
    model: null,
    shadow: null,
    epoch: 0,
  }));
  databaseDown = false;
  const stored = new Set<string>();
  const deps: GatewayDependencies = {
    logger: pino({ level: "silent" }),
    version: "test",
    graceMs: 200,
    listCameras: async () => cameras.map((camera) => ({ ...camera })),
    countCameras: async () => ({ total: cameras.length, enabled: cameras.length }),
    setCameraWorker: async (id, workerId, handover) => {
      leases.push(`${handover ? "ready" : "begin"} ${workerId}`);
      const camera = cameras.find((candidate) => candidate.id === id);
      if (!camera) return 0;
      camera.workerId = workerId;
      return ++camera.epoch;
    },
    activateLease: async (id) => void leases.push(`activate ${cameras.find((camera) => camera.id === id)?.workerId}`),
    activatePending: async () => {},
    saveWorker: async ({ workerId }) => ({ draining: draining.has(workerId) }),
    workerLeft: async () => {},
    storeDetections: async (records: DetectionRecord[]) => {
      if (databaseDown) throw new Error("terminating connection");
      const fresh = records.filter((record) => !stored.has(record.frameId));
      for (const record of fresh) stored.add(record.frameId);
      return { stored: fresh.length, repeated: records.length - fresh.length, refused: 0 };
    },
    saveShadows: async (reports) => void savedShadows.push(...reports),
    addShadowExample: async (example) => void examples.push(example),
    pingDatabase: async () => {
      if (databaseDown) throw new Error("down");
    },
    verifyWorkerToken: async (token) => (token === "good-token" ? { id: "t" } : null),
    sessionOf: async (headers) => {
      const cookie = headers.get("cookie") ?? "";
      return /^session=[12]$/.test(cookie) && !endedSessions.has(cookie) ? { userId: "u" } : null;
    },
  };
  http = createServer();
  io = new Server(http, { parser: socketParser });
  gateway = new Gateway(io, deps);
  await gateway.start();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

const endedSessions = new Set<string>();
const draining = new Set<string>();
const leases: string[] = [];

afterEach(async () => {
  endedSessions.clear();
  draining.clear();
  leases.length = 0;
  for (const socket of sockets.splice(0)) socket.disconnect();
  await gateway.close();
  await io.close();
});

const until = <T>(probe: () => T): Promise<NonNullable<T>> =>
  vi.waitUntil(probe, { timeout: 5000, interval: 10 }) as Promise<NonNullable<T>>;

interface FakeWorker {
  socket: Socket;
  assigned: { id: string; epoch: number; url: string }[] | null;
  /** Models that it is to have ready. */
  prepare: string[];
  watch: { frames: string[]; previews: string[]; videos: string[] } | null;
}

interface Credentials {
  token?: string;
  protocol?: number;
  bootId?: string;
}

/** Rejects with why it is refused. */
async function join(
  id: string,
  { token = "good-token", protocol = PROTOCOL_VERSION, bootId = `${id}-1` }: Credentials = {},
): Promise<FakeWorker> {
  const socket = connect(`${url}/worker`, {
    parser: socketParser,
    auth: { token, protocol },
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
  });
  sockets.push(socket);
  const worker: FakeWorker = { socket, assigned: null, prepare: [], watch: null };
  type Assignment = { cameras: FakeWorker["assigned"]; prepare: { name: string }[] };
  socket.on("assignment", (payload: Assignment, reply: (value: unknown) => void) => {
    worker.assigned = payload.cameras;
    worker.prepare = payload.prepare.map(({ name }) => name);
    reply({ ok: true, value: { running: payload.cameras?.length ?? 0 } });
  });
  socket.on("watch", (payload: FakeWorker["watch"]) => {
    worker.watch = payload;
  });
  socket.on("probe", (_request: unknown, reply: (value: unknown) => void) =>
    reply({ ok: false, error: { code: "CAMERA_REFUSED", message: "refused" } }),
  );
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  const answer = await socket.emitWithAck("hello", newHello(id, { bootId, labels: [id] }));
  if (!answer.ok) throw answer.error;
  return worker;
}

function browse(cookie: string): Socket {
  const socket = connect(`${url}/live`, {
    parser: socketParser,
    extraHeaders: { cookie },
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
  });
  sockets.push(socket);
  return socket;
}

const counters = newFrameCounters({ received: 1, decoded: 1, scaled: 1, inferred: 1, detections: 1 });
const status = (cameraId: string, workerId: string): CameraStatus => newCameraStatus({ cameraId, workerId, counters });
const telemetry = (statuses: CameraStatus[], inferred: number) => ({
  cameras: statuses,
  load: newWorkerLoad(),
  totals: { framesDecoded: inferred, framesInferred: inferred, framesDropped: 0, detections: inferred },
  stages: [],
  shadows: [],
});

it("refuses a wrong token, another protocol and a browser without a session, each with its reason", async () => {
  await expect(join("w", { token: "bad" })).rejects.toMatchObject({ data: { code: "UNAUTHENTICATED" } });
  await expect(join("w", { protocol: 99 })).rejects.toMatchObject({ data: { code: "PROTOCOL_MISMATCH" } });
  const browser = browse("session=9");
  const error = await new Promise<Error>((resolve) => browser.once("connect_error", resolve));
  expect(error).toMatchObject({ data: { code: "UNAUTHENTICATED" } });
});

it("refuses a second process under a worker's id while the first is there, and leaves that one its cameras", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  await expect(join("one", { bootId: "copy" })).rejects.toMatchObject({ code: "CONFLICT", hint: expect.stringContaining("OCTET_HOME") });
  expect(one.socket.connected).toBe(true);
  // The same process, over another connection.
  const again = await join("one");
  await until(() => again.assigned?.length === 2);
  await until(() => !one.socket.connected);
  again.socket.disconnect();
  // Once it has gone, one that was started in its place.
  const next = await vi.waitFor(() => join("one", { bootId: "next" }), 5000);
  await until(() => next.assigned?.length === 2);
});

it("finds how far a worker's clock is off", async () => {
  const one = await join("one");
  one.socket.emit("telemetry", { ...telemetry([], 0), sentAt: Date.now() - 90_000 });
  const load = await until(() => gateway.alarmSight().connected[0]?.load);
  expect(load.clockAheadMs).toBeLessThanOrEqual(-90_000);
  expect(load.clockAheadMs).toBeGreaterThan(-95_000);
});

it("gives all cameras to the only worker, shares them with a second one, and takes them back when it is gone", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  expect(one.assigned?.[0]?.url).toContain("secret");
  const two = await join("two");
  const moved = (await until(() => (two.assigned?.length === 1 ? two.assigned : null)))[0]!;
  expect(moved.epoch).toBe(2);
  await tookOver(one, two, moved.id);
  two.socket.disconnect();
  await until(() => one.assigned?.length === 2);
  expect(one.assigned?.find((camera) => camera.id === moved.id)?.epoch).toBe(3);
});

/** The second worker says that the camera is online, whereupon the first loses it. */
async function tookOver(one: FakeWorker, two: FakeWorker, cameraId: string, workerId = "two"): Promise<void> {
  two.socket.emit("telemetry", telemetry([status(cameraId, workerId)], 1));
  await until(() => one.assigned?.every(({ id }) => id !== cameraId));
  expect(gateway.cameraStatuses().find((shown) => shown.cameraId === cameraId)).toMatchObject({ workerId, state: "online" });
}

it("has a camera run where it is until it runs where it goes, and believes the first until then", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const two = await join("two");
  const moved = (await until(() => (two.assigned?.length === 1 ? two.assigned : null)))[0]!;
  expect(leases).toEqual(["begin one", "begin one", "ready two"]);
  expect(one.assigned?.map(({ id, epoch }) => [id === moved.id, epoch]).sort()).toEqual([
    [false, 1],
    [true, 1],
  ]);
  const browser = browse("session=1");
  const seen: number[] = [];
  onFrame(browser, ({ seq }) => seen.push(seq));
  await browser.emitWithAck("watch", { frames: [moved.id], previews: [], videos: [], status: false });
  one.socket.emit("telemetry", telemetry([status(moved.id, "one")], 1));
  sendFrames(two.socket, newFrame(moved.id, 2));
  two.socket.emit("telemetry", telemetry([{ ...status(moved.id, "two"), state: "connecting" }], 1));
  sendFrames(one.socket, newFrame(moved.id, 1));
  await until(() => seen.length > 0 && gateway.cameraStatuses().length > 0);
  expect(gateway.cameraStatuses()).toMatchObject([{ workerId: "one", state: "online" }]);
  await tookOver(one, two, moved.id);
  expect(leases.at(-1)).toBe("activate two");
  sendFrames(two.socket, newFrame(moved.id, 3));
  await until(() => seen.length > 1);
  expect(seen).toEqual([1, 3]);
});

it("gives a camera back where the worker that was getting ready is gone", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const two = await join("two");
  await until(() => two.assigned?.length === 1);
  two.socket.disconnect();
  await until(() => leases.at(-1) === "begin one");
  await until(() => one.assigned?.some(({ epoch }) => epoch === 3));
  expect(one.assigned).toHaveLength(2);
});

it("lets a worker that is about to end go once its cameras run elsewhere, and waits for it no longer", async () => {
  const one = await join("one");
  const two = await join("two");
  const moved = (await until(() => (two.assigned?.length === 1 ? two.assigned : null)))[0]!;
  await tookOver(one, two, moved.id);
  const left = two.socket.emitWithAck("leaving", {});
  const ready = await until(() => (one.assigned?.length === 2 ? one.assigned : null));
  expect(ready.map(({ epoch }) => epoch).sort()).toEqual([1, 3]);
  expect(two.assigned).toHaveLength(1);
  one.socket.emit("telemetry", telemetry([status(moved.id, "one")], 1));
  expect(await left).toEqual({ ok: true, value: { moved: 1 } });
  // The last one has nobody to give its cameras to.
  two.socket.disconnect();
  expect(await one.socket.emitWithAck("leaving", {})).toEqual({ ok: true, value: { moved: 0 } });
  one.socket.disconnect();
  await until(() => leases.at(-1) === "begin null");
});

it("leaves a camera where it runs, and its state shown, when the worker that was getting ready for it is about to end", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const two = await join("two");
  const moved = (await until(() => (two.assigned?.length === 1 ? two.assigned : null)))[0]!;
  one.socket.emit("telemetry", telemetry([status(moved.id, "one")], 1));
  await until(() => gateway.cameraStatuses().length === 1);
  expect(await two.socket.emitWithAck("leaving", {})).toEqual({ ok: true, value: { moved: 1 } });
  expect(gateway.cameraStatuses()).toMatchObject([{ cameraId: moved.id, workerId: "one", state: "online" }]);
  expect(one.assigned?.map(({ epoch }) => epoch).sort()).toEqual([1, 3]);
  expect([two.assigned, leases.at(-1)]).toEqual([[], "begin one"]);
});

it("has a camera run on while it is sent elsewhere than where it was going", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const two = await join("two");
  const moved = (await until(() => (two.assigned?.length === 1 ? two.assigned : null)))[0]!;
  const three = await join("three");
  one.socket.emit("telemetry", telemetry([status(moved.id, "one")], 1));
  await until(() => gateway.cameraStatuses().length === 1);
  cameras.find(({ id }) => id === moved.id)!.placement = { ...anywhere, require: ["three"] };
  await gateway.camerasChanged();
  expect([two.assigned, three.assigned?.map(({ id }) => id), leases.at(-1)]).toEqual([[], [moved.id], "ready three"]);
  expect(one.assigned?.find(({ id }) => id === moved.id)?.epoch).toBe(1);
  expect(gateway.cameraStatuses()).toMatchObject([{ workerId: "one", state: "online" }]);
  await tookOver(one, three, moved.id, "three");
});

it("empties a worker that drains, and gives it its share once it does not", async () => {
  draining.add("two");
  const [one, two] = [await join("one"), await join("two")];
  await until(() => one.assigned?.length === 2 && two.assigned);
  expect(two.assigned).toEqual([]);
  await gateway.workerDrains("two", false);
  const moved = (await until(() => (two.assigned?.length === 1 ? two.assigned : null)))[0]!;
  await tookOver(one, two, moved.id);
  await gateway.workerDrains("one", true);
  await until(() => two.assigned?.length === 2);
  expect(gateway.workers().map(({ committed }) => committed !== null)).toEqual([true, true]);
});

it("tells where a worker's cameras would go without it", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  expect(await gateway.ifLost("one")).toEqual({ cameras: 2, stranded: ["a", "b"], hosts: [] });
  await join("two");
  cameras = cameras.map((camera) =>
    camera.name === "a" ? { ...camera, workerId: "one", placement: { ...anywhere, require: ["one"] } } : camera,
  );
  cameras = cameras.map((camera) => (camera.name === "b" ? { ...camera, workerId: "one" } : camera));
  expect(await gateway.ifLost("one")).toEqual({
    cameras: 2,
    stranded: ["a"],
    hosts: [{ workerId: "two", name: "two", gains: 1, load: expect.any(Number) }],
  });
});

it("keeps cameras to workers with the labels that they ask for", async () => {
  cameras = cameras.map((camera, index) => ({ ...camera, placement: { ...anywhere, require: [index === 0 ? "two" : "three"] } }));
  const [one, two] = [await join("one"), await join("two")];
  await until(() => two.assigned?.length === 1 && one.assigned);
  expect([one.assigned, two.assigned?.[0]?.id]).toEqual([[], cameras[0]!.id]);
});

it("has a worker make ready what cameras elsewhere run on that may come to it", async () => {
  const model = (name: string) => ({ name, profileId: randomUUID(), sha256: "a".repeat(64), sizeBytes: 1, decodeSize: null });
  cameras = cameras.map((camera, at) => ({ ...camera, model: { ...model(`int8 ${at}`), sha256: String(at).repeat(64) } }));
  // The second camera may run on the first worker alone: the other needs nothing of it.
  cameras[1]!.placement = { ...anywhere, require: ["one"] };
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  expect(one.prepare).toEqual([]);
  const two = await join("two");
  await until(() => two.assigned?.length === 1);
  expect([two.prepare, two.assigned?.map(({ id }) => id)]).toEqual([[], [cameras[0]!.id]]);
  // The camera that moved may come back.
  await tookOver(one, two, cameras[0]!.id);
  expect(one.prepare).toEqual(["int8 0"]);
});

it("takes the cameras of a worker that is gone once its grace is over, whatever had cameras placed meanwhile", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const two = await join("two");
  const moved = (await until(() => (two.assigned?.length === 1 ? two.assigned : null)))[0]!;
  await tookOver(one, two, moved.id);
  two.socket.disconnect();
  await until(() => gateway.workers().length === 1);
  // A worker that does not answer asks for another attempt in two seconds.
  one.socket.off("assignment");
  one.socket.once("assignment", (_payload: unknown, reply: (value: unknown) => void) => {
    reply({ ok: false, error: { code: "BAD_INPUT", message: "not now" } });
    one.socket.on("assignment", (payload: { cameras: FakeWorker["assigned"] }, answer: (value: unknown) => void) => {
      one.assigned = payload.cameras;
      answer({ ok: true, value: { running: 0 } });
    });
  });
  await gateway.camerasChanged();
  expect(leases.at(-1)).toBe("activate two");
  // Between the end of the grace and that attempt; timers fire in their order, however late.
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(leases.at(-1)).toBe("begin one");
  await until(() => one.assigned?.length === 2);
});

it("leaves a worker its cameras when it is back within the grace", async () => {
  const one = await join("one");
  const two = await join("two");
  const [before] = await until(() => (two.assigned?.length === 1 ? two.assigned : null));
  await tookOver(one, two, before!.id);
  two.socket.disconnect();
  await until(() => gateway.workers().length === 1);
  const again = await join("two");
  await until(() => again.assigned?.length === 1);
  expect(again.assigned).toEqual([before]);
});

it("acknowledges detections after they are stored, and says so when they cannot be", async () => {
  const { socket } = await join("one");
  const record = {
    cameraId: cameras[0]?.id,
    seq: 1,
    ptsMs: 0,
    capturedAt: Date.now(),
    width: 1,
    height: 1,
    detections: [],
    stages: { network: 0, decode: 0, queue: 0, preprocess: 0, infer: 0, postprocess: 0, publish: 0 },
    frameId: randomUUID(),
    workerId: "one",
    modelId: "m",
    thumbnails: [{ index: 0, jpeg: Buffer.from([1, 2]) }],
  };
  databaseDown = true;
  expect(await socket.emitWithAck("detections", { records: [record] })).toMatchObject({
    ok: false,
    error: { code: "DATABASE_UNAVAILABLE" },
  });
  expect(await gateway.health()).toMatchObject({ status: "down", database: "down" });
  databaseDown = false;
  expect(await socket.emitWithAck("detections", { records: [record] })).toEqual({
    ok: true,
    value: null,
  });
  expect(await socket.emitWithAck("detections", { records: [record] })).toEqual({
    ok: true,
    value: null,
  });
  const counts = (await gateway.metrics()).matchAll(/^octet_detections_stored_total\{result="(\w+)"\} (\d+)$/gm);
  expect([...counts].map(([, result, count]) => `${result} ${count}`)).toEqual(["stored 1", "repeated 1"]);
  expect(await socket.emitWithAck("detections", { records: [{ ...record, frameId: "nonsense" }] })).toMatchObject({
    ok: false,
    error: { code: "PROTOCOL_MISMATCH" },
  });
});

it("sends a camera's frames only to those who watch it, and has only those encoded", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const [a, b] = cameras.map((camera) => camera.id) as [string, string];
  const seen: { id: string; bytes: boolean }[] = [];
  const browser = browse("session=1");
  onFrame(browser, ({ cameraId, preview }) => seen.push({ id: cameraId, bytes: preview !== null }));
  await browser.emitWithAck("watch", { frames: [a], previews: [a], videos: [], status: true });
  await until(() => one.watch?.previews.length === 1);
  expect(one.watch).toEqual({ frames: [a], previews: [a], videos: [], statusEvery: 1 });
  const preview = Buffer.from([0xff, 0xd8]);
  sendFrames(one.socket, newFrame(b, 1, preview), newFrame(a, 1, preview));
  await until(() => seen.length > 0);
  expect(seen).toEqual([{ id: a, bytes: true }]);
  browser.disconnect();
  await until(() => one.watch?.previews.length === 0);
});

it("carries a group of pictures, and a batch with thumbnails, of hundreds of binary parts", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const id = cameras[0]?.id ?? "";
  const browser = browse("session=1");
  let received: ArrayBuffer[] | null = null;
  browser.on("video", (chunk: { packets: { data: ArrayBuffer }[] }) => {
    received = chunk.packets.map(({ data }) => data);
  });
  await browser.emitWithAck("watch", { frames: [], previews: [], videos: [id], status: true });
  await until(() => one.watch?.videos.length === 1);
  const packets = Array.from({ length: 300 }, (_, n) => ({ ptsMs: n * 40, key: n === 0, data: Buffer.from([n & 255, 7]) }));
  one.socket.emit("video", { cameraId: id, streamId: "s", codec: "avc1.64001f", description: null, width: 2, height: 2, packets });
  const parts = await until(() => received);
  expect(parts.length).toBe(300);
  expect([...new Uint8Array(parts[299] as ArrayBuffer)]).toEqual([299 & 255, 7]);
  const records = Array.from({ length: 60 }, (_, n) => ({
    cameraId: id,
    seq: n,
    ptsMs: 0,
    capturedAt: Date.now(),
    width: 1,
    height: 1,
    detections: [],
    stages: { network: 0, decode: 0, queue: 0, preprocess: 0, infer: 0, postprocess: 0, publish: 0 },
    frameId: randomUUID(),
    workerId: "one",
    modelId: "m",
    thumbnails: [0, 1].map((index) => ({ index, jpeg: Buffer.from([index]) })),
  }));
  expect(await one.socket.emitWithAck("detections", { records })).toEqual({ ok: true, value: null });
  expect(one.socket.connected && browser.connected).toBe(true);
});

it("lets go of browsers whose session has ended, and of no others", async () => {
  const staying = browse("session=1");
  const leaving = browse("session=2");
  await until(() => staying.connected && leaving.connected);
  endedSessions.add("session=2");
  await gateway.sessionsChanged();
  await until(() => !leaving.connected);
  expect(staying.connected).toBe(true);
});

it("tells what is wrong with a camera, and that there is no worker to ask", async () => {
  await expect(gateway.probe({ url: "rtsp://x/", transport: "tcp" })).rejects.toMatchObject({ code: "WORKER_UNAVAILABLE" });
  await join("one");
  await expect(gateway.probe({ url: "rtsp://x/", transport: "tcp" })).rejects.toMatchObject({ code: "CAMERA_REFUSED" });
});

it("keeps what shadows have seen, also when it closes, and the frames on which they differ", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const cameraId = cameras[0]?.id ?? "";
  const [runId, promotionId] = [randomUUID(), randomUUID()];
  const counts = { disagreeing: 1, matched: 0, onlyActive: 1, onlyShadow: 0, scoreShift: 0, activeMs: 5, shadowMs: 3 };
  const shadow = { runId, promotionId, cameraId, activeModel: "m", shadowModel: "n", frames: 4, ...counts };
  one.socket.emit("telemetry", { ...telemetry([], 0), shadows: [shadow] });
  const example = { promotionId, cameraId, capturedAt: 5, differing: 1, active: [{ x: 0, y: 0, w: 0.5, h: 0.5, score: 0.9 }], shadow: [] };
  one.socket.emit("shadowExample", { ...example, jpeg: Buffer.from([0xff, 0xd8]) });
  await until(() => examples.length === 1);
  expect(examples[0]).toMatchObject(example);
  await gateway.close();
  expect(savedShadows).toEqual([shadow]);
});

it("adds up the growth of workers' totals, over a reconnect and over a restart", async () => {
  const one = await join("one");
  await until(() => one.assigned?.length === 2);
  const id = cameras[0]?.id ?? "";
  const inferred = async (): Promise<string | undefined> => (await gateway.metrics()).match(/^octet_frames_inferred_total (\d+)$/m)?.[1];
  one.socket.emit("telemetry", telemetry([status(id, "one")], 10));
  await vi.waitFor(async () => expect(await inferred()).toBe("10"));
  expect(await gateway.metrics()).toMatch(/octet_cameras\{state="online"\} 1/);
  one.socket.disconnect();
  const again = await join("one");
  again.socket.emit("telemetry", telemetry([], 15));
  await vi.waitFor(async () => expect(await inferred()).toBe("15"));
  expect(gateway.cameraStatuses()).toEqual([]);
});
