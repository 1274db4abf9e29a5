import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildOptionsSchema } from "@octet/shared/domain/profile";
import { newWorker } from "@octet/testing/new-worker";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type CommandRun, runCommand } from "./testing/command-runner.ts";
import { FakeFailure, FakeServer } from "./testing/fake-server.ts";
import { runOctet } from "./testing/run-octet.ts";

const ids = {
  profile: "018f4a70-0000-7000-8000-000000000001",
  model: "018f4a70-0000-7000-8000-000000000002",
  job: "018f4a70-0000-7000-8000-00000000abcd",
  promotion: "018f4a70-0000-7000-8000-000000000004",
  camera: "6f1c2a1e-6a3b-4a58-9d0c-0b8f3f1f2a10",
};
const finding = (passed: boolean) => ({
  check: "validated",
  passed,
  measured: null,
  limit: null,
  message: passed ? "Validated on 9 images" : "Not validated",
});
const profile = {
  ...{ id: ids.profile, name: "Faces INT8", precision: "int8-ptq", state: "built", reason: null, calibrationVersion: null },
  model: { id: ids.model, name: "Faces", family: "retinaface", inputWidth: 640, inputHeight: 640 },
  options: buildOptionsSchema.parse({ precision: "int8-ptq" }),
  ...{ sha256: "a".repeat(64), sizeBytes: 1000, reportSha256: null, reportPageSha256: null, summary: {}, warnings: [], tool: "octet" },
  ...{ createdAt: "2026-03-01T08:00:00.000Z", validation: null, benchmark: null },
  gate: { passed: false, findings: [finding(false)] },
  promotions: [] as object[],
};
const job = {
  ...{ id: ids.job, kind: "build", state: "queued", title: "Build Faces INT8", attempt: 1, workerId: null, subjectId: ids.profile },
  ...{ percent: 0, stage: "", ratePerSecond: null, secondsLeft: null, error: null, inputHash: "b".repeat(64) },
  ...{ createdAt: "2026-03-01T08:00:00.000Z", startedAt: null, endedAt: null, payload: {}, result: null, createdBy: "cli" },
  log: { lines: [] as object[], olderCursor: null },
};
const dataset = {
  ...{ id: ids.promotion, name: "Photos", kind: "calibration", createdBy: null, createdAt: "2026-03-01T08:00:00.000Z" },
  versions: [
    {
      ...{ id: ids.camera, version: 2, layout: "images", manifestSha256: "c".repeat(64), imageCount: 9, labelCount: 0, origin: {} },
      createdAt: "2026-03-01T08:00:00.000Z",
    },
  ],
};
const model = {
  ...{ id: ids.model, name: "Faces", sha256: "d".repeat(64), sizeBytes: 9, family: "retinaface", inputWidth: 640, inputHeight: 640 },
  ...{ maxBatch: null, classes: ["face"], precision: "fp32", licence: { name: "MIT", note: "", origin: "" }, notes: "", createdBy: null },
  ...{ createdAt: "2026-03-01T08:00:00.000Z", profiles: [] },
};

const gate = {
  ...{ minKeptPercent: 95, maxDropPoints: 1, maxLatencyRatio: 1.2 },
  ...{ minStreams: 70, minSoakSeconds: null, maxGrowthMiBPerHour: null },
};

let home: string;
let server: FakeServer;
let shown = profile;
/** What the job is at, one answer a poll; the last stays. */
let states: (Partial<typeof job> | object)[] = [];
let rolledBack = false;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "octet-server-"));
  server = await FakeServer.start({
    "models.list": () => [model],
    "models.update": (input) => ({ ...model, ...(input as { patch: object }).patch }),
    "datasets.list": () => [dataset],
    "workers.list": () => [newWorker({ id: "w2", name: "gpu-host" })],
    "datasets.remove": () => null,
    "profiles.list": () => [rolledBack ? { ...shown, promotions: [] } : shown],
    "profiles.byId": () => shown,
    "profiles.create": () => ({ id: ids.profile, jobId: ids.job }),
    "profiles.promote": () => ({ promotionId: ids.promotion }),
    "profiles.rollBack": () => {
      rolledBack = true;
      return null;
    },
    "jobs.byId": () => ({ ...job, ...(states.length > 1 ? states.shift() : states[0]) }),
    "jobs.list": () => ({ items: [job], nextCursor: null }),
    "jobs.cancel": () => {
      throw new FakeFailure({ code: "CONFLICT", message: "This job is done already" });
    },
    "cameras.list": () => [],
    "profiles.gate": () => ({ ...gate, ofANewerServer: 3 }),
    "profiles.setGate": () => null,
  });
  writeFileSync(path.join(home, "cli.json"), JSON.stringify({ url: server.url, token: "octet_token" }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  server.calls.length = 0;
  shown = profile;
  states = [{ state: "done" }];
  rolledBack = false;
});

const octet = (...args: string[]): Promise<CommandRun> => runCommand(args, { OCTET_HOME: home });
const called = (procedure: string) => server.calls.filter((call) => call.procedure === procedure).map(({ input }) => input);
const build = ["profile", "build", "Faces", "--precision", "int8-ptq", "--calibration", "Photos@2"];

it("has a profile built, and shows how far the job is", async () => {
  states = [
    {},
    { state: "running", percent: 40, stage: "calibrating" },
    { state: "running", percent: 45, stage: "refining" },
    { state: "done" },
  ];
  const built = await octet(...build);
  expect(called("profiles.create")).toMatchObject([
    { modelId: ids.model, calibrationVersionId: ids.camera, options: { precision: "int8-ptq", method: null } },
  ]);
  expect(built).toMatchObject({
    code: 0,
    document: { server: server.url, jobId: ids.job, state: "done", profile: { name: "Faces INT8" } },
  });
  expect(built.text).toContain(`Server ${server.url}`);
  expect(built.notes.map((note) => note.split("  ").at(-1))).toEqual(["waiting for a worker", "calibrating", "refining"]);
});

it("has a job done by the worker that is named, and by no other", async () => {
  expect(await octet(...build, "--no-wait", "--worker", "GPU-host")).toMatchObject({ code: 0 });
  expect(called("profiles.create")).toMatchObject([{ onWorkerId: "w2" }]);
  expect((await octet(...build, "--no-wait", "--worker", "cpu-host")).document).toMatchObject({ error: { code: "NOT_FOUND" } });
  expect((await octet("profile", "validate", "x", "--dataset", "y", "--local", "--worker", "gpu-host")).document).toMatchObject({
    error: { code: "BAD_INPUT", message: expect.stringContaining("--worker") },
  });
});

it("gives the job's id at once, and says how a job failed", async () => {
  expect(await octet(...build, "--no-wait")).toMatchObject({ code: 0, text: ids.job, document: { jobId: ids.job } });
  expect(called("jobs.byId")).toEqual([]);
  states = [{ state: "failed", error: { code: "CALIBRATION_EMPTY", message: "There are no images", hint: "Collect some." } }];
  const failed = await octet("jobs", "watch", "abcd");
  expect(failed).toMatchObject({ code: 1, document: { state: "failed", error: { code: "CALIBRATION_EMPTY" } } });
  expect(failed.text).toContain(`octet jobs retry ${ids.job}`);
  states = [{ state: "cancelled" }];
  expect((await octet("jobs", "watch", ids.job)).code).toBe(1);
  expect((await octet("jobs", "cancel", ids.job)).document).toMatchObject({ error: { code: "CONFLICT" } });
  expect((await octet("jobs", "show", "ffff")).document).toMatchObject({ error: { code: "NOT_FOUND" } });
});

it("leaves the job when it is interrupted, and says how to come back", async () => {
  states = [
    {
      state: "running",
      percent: 10,
      stage: "calibrating",
      log: { lines: [{ id: "7", at: "2026-03-01T08:00:00.000Z", text: "a line" }], olderCursor: null },
    },
  ];
  const ran = await runOctet(["jobs", "watch", ids.job], { cwd: home, interruptAfterError: /a line/ });
  expect(ran.code).toBe(130);
  expect(ran.stderr).toContain(`octet jobs cancel ${ids.job}`);
  expect(called("jobs.cancel")).toEqual([]);
});

it("does not promote what the gate stops, unless it is overridden with a reason", async () => {
  const stopped = await octet("profile", "promote", "faces int8");
  expect(stopped).toMatchObject({ code: 1, document: { promoted: false, gate: { passed: false } } });
  expect(stopped.text).toContain("NO  Not validated");
  expect(called("profiles.promote")).toEqual([]);
  const reason = "Measured by hand on the third of March";
  expect((await octet("profile", "promote", "Faces INT8", "--tag", "outside", "--override", reason)).document).toMatchObject({
    promoted: true,
    overridden: true,
  });
  expect(called("profiles.promote")).toEqual([{ id: ids.profile, where: { scope: "tag", value: "outside" }, overrideReason: reason }]);
  shown = { ...profile, gate: { passed: true, findings: [finding(true)] } };
  expect(await octet("profile", "promote", "Faces INT8")).toMatchObject({ code: 0, document: { promoted: true, overridden: false } });
  expect(called("profiles.promote")[1]).toMatchObject({ where: { scope: "site" }, overrideReason: null });
  expect((await octet("profile", "promote", "Faces INT8", "--site", "--tag", "x")).document).toMatchObject({
    error: { code: "BAD_INPUT" },
  });
});

it("goes back from what runs where it is told, and from nothing else", async () => {
  const promotion = {
    id: ids.promotion,
    role: "active",
    scope: "site",
    scopeValue: "",
    share: 1,
    createdAt: profile.createdAt,
    overridden: null,
  };
  shown = { ...profile, promotions: [promotion] };
  expect((await octet("profile", "list")).text).toMatch(/stops it +the site$/);
  expect((await octet("profile", "rollback", "--shadow")).document).toMatchObject({ error: { code: "NOT_FOUND" } });
  expect((await octet("profile", "rollback", "--tag", "x")).document).toMatchObject({ error: { code: "NOT_FOUND" } });
  expect(await octet("profile", "rollback")).toMatchObject({ code: 0, document: { rolledBack: "Faces INT8", running: null } });
  expect(called("profiles.rollBack")).toEqual([{ promotionId: ids.promotion }]);
});

it("keeps apart what is for a worker and what is for this host", async () => {
  expect((await octet("benchmark", "Faces INT8", "--clip", "x.mp4")).document).toMatchObject({
    error: { hint: expect.stringContaining("--decode") },
  });
  expect((await octet("dataset", "collect", "--name", "x", "--url", "rtsp://x/y")).document).toMatchObject({
    error: { hint: expect.stringContaining("--local") },
  });
  expect((await octet("models", "list", "--local")).document).toEqual({ workspace: path.join(home, "workspace"), models: [] });
});

it("changes what is said of a model, and keeps the rest", async () => {
  const changed = await octet("models", "set", "faces", "--origin", "our own training", "--notes", "");
  expect(called("models.update")).toEqual([
    { id: ids.model, patch: { notes: "", licence: { name: "MIT", note: "", origin: "our own training" } } },
  ]);
  expect(changed).toMatchObject({ code: 0, document: { server: server.url, model: { licence: { origin: "our own training" } } } });
  await octet("models", "set", "faces", "--name", "Faces 2");
  expect(called("models.update")[1]).toEqual({ id: ids.model, patch: { name: "Faces 2" } });
  expect((await octet("models", "set", "faces")).document).toMatchObject({ error: { code: "BAD_INPUT" } });
  expect((await octet("models", "set", "heads", "--name", "x")).document).toMatchObject({ error: { code: "NOT_FOUND" } });
  expect(called("models.update")).toHaveLength(2);
});

it("removes a data set with all its versions", async () => {
  expect((await octet("dataset", "remove", "photos")).document).toEqual({ server: server.url, removed: { name: "Photos", versions: 1 } });
  expect(called("datasets.remove")).toEqual([{ id: dataset.id }]);
  for (const name of ["Photos@2", "Foto"])
    expect((await octet("dataset", "remove", name)).document).toMatchObject({ error: { code: "NOT_FOUND" } });
  expect(called("datasets.remove")).toHaveLength(1);
});

it("shows the gate with how many profiles pass it, and changes what is said", async () => {
  const shown = await octet("gate", "show");
  expect(shown.document).toEqual({ gate: { ...gate, ofANewerServer: 3 }, profiles: { judged: 1, passing: 0 } });
  expect(shown.text).toBe(
    [
      "Accuracy kept, at least  95 % of FP32's AP",
      "Accuracy lost, at most   1 points of AP",
      "Latency, at most         1.2 times as long",
      "Streams held, at least   70 on the benchmark's host",
      "Streams go on, at least  not asked for",
      "Memory grows, at most    not asked for",
      "0 of 1 profiles pass.",
    ].join("\n"),
  );
  const changed = await octet("gate", "set", "--min-kept", "97.5", "--max-latency", "", "--min-streams", "", "--min-soak", "600");
  expect(called("profiles.setGate")).toEqual([
    { ...gate, minKeptPercent: 97.5, maxLatencyRatio: 1, minStreams: null, minSoakSeconds: 600, ofANewerServer: 3 },
  ]);
  expect(changed).toMatchObject({ code: 0, document: { gate: { minKeptPercent: 97.5 }, before: gate } });
});

it("does not set a gate that is none", async () => {
  expect((await octet("gate", "set", "--min-kept", "101")).document).toMatchObject({
    error: { code: "BAD_INPUT", message: expect.stringMatching(/^minKeptPercent: /) },
  });
  expect((await octet("gate", "set")).document).toMatchObject({ error: { code: "BAD_INPUT", hint: expect.stringContaining("--help") } });
  expect(server.calls).toEqual([]);
});
