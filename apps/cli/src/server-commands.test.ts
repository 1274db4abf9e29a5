import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anywhere } from "@octet/shared/domain/placement";
import { newWorker, newWorkerLoad } from "@octet/testing/new-worker";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkServer } from "./doctor/server-check.ts";
import { readEnv } from "./env.ts";
import { FakeFailure, FakeServer } from "./testing/fake-server.ts";
import { runOctet, runOctetHere } from "./testing/run-octet.ts";

const id = "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10";
const camera = {
  id,
  name: "Loading bay",
  url: "rtsp://user:•••@192.0.2.10/stream1",
  substreamUrl: null,
  transport: "tcp",
  detectFps: 5,
  confidence: 0.5,
  tags: ["outside"],
  priority: "normal",
  stillFps: null,
  latencyBudgetMs: null,
  enabled: true,
  workerId: null,
  createdAt: "2026-03-01T08:00:00.000Z",
  updatedAt: "2026-03-01T08:00:00.000Z",
  status: null,
};
const worker = newWorker({
  labels: ["site=north", "gpu"],
  committed: 0.4,
  load: newWorkerLoad({
    cpuPercent: 100,
    cameras: 2,
    decodedPerSecond: 50,
    inferredPerSecond: 9.5,
    inferBusy: 0.4,
    capacity: { detectionsPerSecond: 24, pixelsPerSecond: null, memoryBytes: 32e9, sharedCores: true },
  }),
});
const alarm = {
  id: "0199d4b0-0000-7000-8000-00000000abcd",
  kind: "host-lost",
  severity: "critical",
  subjectKind: "worker",
  subjectId: "w1",
  subjectName: "north",
  message: "The worker left without a goodbye and is not back",
  hint: null,
  raisedAt: "2026-03-01T08:00:00.000Z",
  clearedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
};
const probe = {
  codec: "h264",
  width: 640,
  height: 360,
  fps: 25,
  gop: 50,
  bitrateKbps: 800,
  hasAudio: false,
  openMs: 120,
  snapshot: "/9j/",
};
const detection = {
  id: "1",
  cameraId: id,
  cameraName: "Loading bay",
  capturedAt: "2026-03-01T08:00:00.000Z",
  trackId: 7,
  label: "face",
  score: 0.91,
  box: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 },
  modelId: "m",
  latencyMs: 81,
  thumbnail: null,
};

describe("commands of a server", () => {
  let home: string;
  let server: FakeServer;
  let testFails = false;
  let placed = anywhere;
  let connected = true;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "octet-cli-"));
    server = await FakeServer.start({
      "cameras.list": () => [{ ...camera, placement: placed }],
      "cameras.create": (input) => ({ ...camera, ...(input as object) }),
      "cameras.update": (input) => {
        const { url: _, ...patch } = (input as { patch: Partial<typeof camera> }).patch;
        return { ...camera, ...patch };
      },
      "cameras.remove": () => null,
      "cameras.test": () => {
        if (testFails)
          throw new FakeFailure({ code: "CAMERA_UNAUTHORIZED", message: "The camera wants a password", hint: "Put it into the URL" });
        return { ok: true, probe };
      },
      "cameras.importCsv": () => ({ created: 1, updated: 2, errors: [{ line: 3, message: "url: This is not a URL" }] }),
      "cameras.exportCsv": () => ({ csv: "name,url\nLoading bay,rtsp://x\n" }),
      "workers.list": () => [worker],
      "workers.drain": (input) => input,
      "workers.remove": () => {
        if (connected)
          throw new FakeFailure({
            code: "CONFLICT",
            message: "The worker is connected",
            hint: "End it first; its token can be revoked under Settings.",
          });
        return { id: "w1" };
      },
      "alarms.list": () => ({ items: [alarm], nextCursor: null }),
      "alarms.acknowledge": () => ({ ...alarm, acknowledgedAt: "2026-03-01T09:00:00.000Z", acknowledgedBy: "cli" }),
      "detections.list": () => ({ items: [detection], nextCursor: "next" }),
    });
    await writeFile(join(home, "cli.json"), JSON.stringify({ url: `${server.url}/`, token: "octet_token" }));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });
  beforeEach(() => {
    server.calls.length = 0;
  });
  const octet = (...args: string[]) => runOctetHere(args, { cwd: home });

  it("lists cameras with the token of cli.json", async () => {
    const text = await runOctet(["cameras", "list"], { cwd: home });
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toMatch(/NAME +STATE[\s\S]*Loading bay +waiting +5 +rtsp:\/\/user:•••@192\.0\.2\.10\/stream1 +outside/);
    expect(text.stdout).toContain("No worker takes cameras");
    expect(server.calls).toContainEqual({ procedure: "cameras.list", input: undefined, token: "Bearer octet_token" });
    expect((await octet("cameras", "list", "--json")).json()).toEqual({
      cameras: [{ ...camera, addressLost: false, placement: anywhere, classes: [] }],
    });
  });

  it("lists workers, and has one give its cameras away", async () => {
    const listed = await octet("workers", "list");
    expect(listed.stdout).toMatch(/NAME +STATE +CAMERAS +ASKED FOR[\s\S]*north +online +2 +40 % +9\.5 +24 +site=north gpu/);
    const drained = await octet("workers", "drain", "North", "--json");
    expect(drained.json()).toEqual({ worker: { id: "w1", name: "north", draining: true } });
    expect(server.calls.at(-1)).toMatchObject({ procedure: "workers.drain", input: { id: "w1", draining: true } });
    expect((await octet("workers", "undrain", "south", "--json")).code).toBe(2);
  });

  it("forgets a worker that is not connected", async () => {
    expect((await octet("workers", "forget", "North", "--json")).json()).toMatchObject({
      error: { code: "CONFLICT", hint: expect.stringContaining("End it first") },
    });
    connected = false;
    expect((await octet("workers", "forget", "North", "--json")).json()).toEqual({ forgotten: { id: "w1", name: "north" } });
    expect(server.calls.at(-1)).toMatchObject({ procedure: "workers.remove", input: { id: "w1" } });
    expect(await octet("workers", "forget", "south")).toMatchObject({ code: 2, stderr: expect.stringContaining("octet workers list") });
  });

  it("lists open alarms, and acknowledges one by the end of its id", async () => {
    const listed = await octet("alarms", "list", "--open");
    expect(listed.stdout).toMatch(/RAISED +STATE +SEVERITY[\s\S]*2026-03-01T08:00:00 +open +critical +host-lost +north +The worker left/);
    expect(server.calls.at(-1)).toMatchObject({ procedure: "alarms.list", input: { open: true, limit: 50 } });
    const acknowledged = await octet("alarms", "ack", "abcd", "--json");
    expect(acknowledged.json()).toMatchObject({ alarm: { acknowledgedBy: "cli" } });
    expect(server.calls.at(-1)).toMatchObject({ procedure: "alarms.acknowledge", input: { id: alarm.id } });
    expect((await octet("alarms", "ack", "ffff", "--json")).code).toBe(2);
  });

  it("adds a camera, and refuses a bad one before it asks the server", async () => {
    const options = ["--tag", "a", "--tag", "b", "--fps", "2", "--classes", "person, Car"];
    const added = await octet("cameras", "add", "Gate", "rtsp://u:p@192.0.2.11/s", ...options, "--json");
    expect(added.code).toBe(0);
    expect(server.calls[0]).toMatchObject({
      procedure: "cameras.create",
      input: {
        name: "Gate",
        url: "rtsp://u:p@192.0.2.11/s",
        tags: ["a", "b"],
        classes: ["person", "Car"],
        detectFps: 2,
        confidence: 0.5,
        transport: "tcp",
        enabled: true,
      },
    });
    const refused = await octet("cameras", "add", "Gate", "gopher://x");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^error BAD_INPUT: url: gopher:\/\/ is not supported/);
    expect(server.calls).toHaveLength(1);
  });

  it("finds a camera by its name, whatever its case, or its id; and says what is near", async () => {
    expect((await octet("cameras", "disable", "loading BAY")).stdout).toBe("Loading bay is disabled\n");
    expect(server.calls[1]).toMatchObject({ procedure: "cameras.update", input: { id, patch: { enabled: false } } });
    expect((await octet("cameras", "remove", id, "--json")).json()).toEqual({ removed: { id, name: "Loading bay" } });
    const missing = await octet("cameras", "enable", "load", "--json");
    expect(missing.code).toBe(2);
    expect(missing.json()).toEqual({
      error: { code: "NOT_FOUND", message: 'There is no camera "load"', hint: 'Did you mean "Loading bay"?' },
    });
  });

  it("shows a camera: how it is set, and how it is", async () => {
    const shown = await octet("cameras", "show", "loading bay");
    expect(shown.stdout).toMatch(/^Loading bay: waiting \(No worker takes cameras\)\n/);
    expect(shown.stdout).toMatch(
      /\nurl +rtsp:\/\/user:•••@192\.0\.2\.10\/stream1\n[\s\S]*\ndetections +5 a second\n[\s\S]*\nclasses +all\n/,
    );
    expect((await octet("cameras", "show", id, "--json")).json()).toMatchObject({ camera: { id, placement: anywhere } });
    expect((await octet("cameras", "show", "Yard", "--json")).json()).toMatchObject({
      error: { code: "NOT_FOUND", hint: "See `octet cameras list`." },
    });
  });

  it("changes of a camera what is said, and never prints a password", async () => {
    placed = { require: ["site=north"], prefer: ["gpu"], exclude: [] };
    const said = ["--url", "rtsp://user:s3cret@192.0.2.10/stream2", "--require", "site=south", "--require", "gpu", "--fps", "2"];
    const changed = await octet(
      "cameras",
      "set",
      "Loading bay",
      ...said,
      "--tag",
      "",
      "--still-fps",
      "",
      "--latency-budget",
      "100",
      "--substream",
      "",
      "--json",
    );
    placed = anywhere;
    expect(server.calls.at(-1)).toMatchObject({ procedure: "cameras.update" });
    expect(server.calls.at(-1)?.input).toEqual({
      id,
      patch: {
        url: "rtsp://user:s3cret@192.0.2.10/stream2",
        substreamUrl: null,
        detectFps: 2,
        tags: [],
        placement: { require: ["site=south", "gpu"], prefer: ["gpu"], exclude: [] },
        stillFps: null,
        latencyBudgetMs: 100,
      },
    });
    expect(changed.json()).toMatchObject({ camera: { detectFps: 2, tags: [] } });
    const refused = await octet("cameras", "set", "Loading bay", "--substream", "gopher://user:s3cret@192.0.2.10/s");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("substreamUrl: gopher:// is not supported") });
    for (const { stdout, stderr } of [changed, refused]) expect(stdout + stderr).not.toContain("s3cret");
  });

  it("does not change a camera where nothing, or both at once, is said", async () => {
    expect((await octet("cameras", "set", "Loading bay", "--enabled")).stdout).toBe("Changed Loading bay: enabled\n");
    expect(await octet("cameras", "set", "Loading bay")).toMatchObject({ code: 2, stderr: expect.stringContaining("Nothing was given") });
    expect((await octet("cameras", "set", "Loading bay", "--enabled", "--disabled")).code).toBe(2);
    expect(server.calls.filter(({ procedure }) => procedure === "cameras.update")).toHaveLength(1);
  });

  it("tests a camera: exit 1 where it does not answer", async () => {
    const snapshot = join(home, "frame.jpg");
    const good = await octet("cameras", "test", "Loading bay", "--snapshot", snapshot);
    expect(good).toMatchObject({ code: 0, stdout: expect.stringContaining("OK: h264 640×360 at 25.0 frames a second") });
    expect((await readFile(snapshot)).toString("hex")).toBe("ffd8ff");
    expect(server.calls.at(-1)).toMatchObject({ input: { url: camera.url, transport: "tcp", cameraId: id } });
    testFails = true;
    const bad = await octet("cameras", "test", "rtsp://192.0.2.12/s", "--json");
    testFails = false;
    expect(bad.code).toBe(1);
    expect(bad.json()).toMatchObject({ ok: false, error: { code: "CAMERA_UNAUTHORIZED", hint: "Put it into the URL" } });
  });

  it("imports from stdin and exports", async () => {
    const imported = await runOctet(["cameras", "import", "-"], { cwd: home, stdin: "name,url\n" });
    expect(imported).toMatchObject({ code: 1, stdout: "1 added, 2 changed, 1 refused\nline 3: url: This is not a URL\n" });
    expect(server.calls[0]).toMatchObject({ input: { csv: "name,url\n" } });
    expect((await octet("cameras", "import", "none.csv")).code).toBe(2);
    expect((await octet("cameras", "export")).stdout).toBe("name,url\nLoading bay,rtsp://x\n");
  });

  it("lists detections by camera, time and score", async () => {
    const listed = await octet(
      "detections",
      "list",
      "--camera",
      "Loading bay",
      "--from",
      "2026-03-01T00:00:00Z",
      "--min-score",
      "0.5",
      "--tracks",
    );
    expect(listed.stdout).toMatch(/2026-03-01T08:00:00.000Z +Loading bay +#7 +face +0\.91 +10 20 30 40 +81 ms/);
    expect(listed.stderr).toContain("--cursor next");
    expect(server.calls[1]).toMatchObject({
      procedure: "detections.list",
      input: { cameraIds: [id], from: "2026-03-01T00:00:00.000Z", minScore: 0.5, tracksOnly: true, limit: 50 },
    });
    expect((await octet("detections", "list", "--json")).json()).toEqual({ items: [detection], nextCursor: "next" });
  });

  it("says what to do where there is no server, no token, or something else", async () => {
    const nothing = await runOctetHere(["cameras", "list"], { cwd: home, env: { OCTET_HOME: join(home, "none") } });
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("npm start") });
    const noToken = await runOctetHere(["cameras", "list"], { cwd: home, env: { OCTET_URL: server.url } });
    expect(noToken).toMatchObject({ code: 2, stderr: expect.stringContaining("OCTET_TOKEN") });
    const away = await runOctetHere(["cameras", "list", "--json"], {
      cwd: home,
      env: { OCTET_URL: "http://127.0.0.1:9", OCTET_TOKEN: "x" },
    });
    expect(away.code).toBe(2);
    expect(away.json()).toMatchObject({ error: { message: expect.stringContaining("cannot be reached") } });
  });

  it("doctor reports the server's health, and a server that is down", async () => {
    server.health = { status: "ok", database: "ok", gateway: "ok", workers: 1, cameras: { online: 1, total: 2 }, version: "0.1.0" };
    // The host is looked at once: that takes its time.
    vi.stubEnv("OCTET_HOME", home);
    const healthy = await checkServer(readEnv);
    vi.unstubAllEnvs();
    expect(healthy).toMatchObject({ name: "server", status: "ok", detail: expect.stringContaining("1 of 2 cameras online") });
    server.health = { status: "down", database: "down", gateway: "ok", workers: 0, cameras: { online: 0, total: 2 }, version: "0.1.0" };
    const ill = await octet("doctor");
    expect(ill.code).toBe(1);
    expect(ill.stdout).toMatch(/FAIL +server/);
    expect(ill.stdout).toMatch(/ok +default model +mnet\.25_v2/);
  });
});
