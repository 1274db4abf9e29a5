import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import { cameraInputSchema } from "@octet/shared/domain/camera";
import { TestPostgres } from "@octet/testing/postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "../features/audit/data.ts";
import { audit, dropOldEntries } from "../features/audit/mutations.ts";
import { listAuditSchema } from "../features/audit/schema.ts";
import { createCamera, removeCamera, updateCamera } from "../features/cameras/mutations.ts";
import { changeOwnPassword } from "../features/people/mutations.ts";
import { createToken, registerToken } from "../features/tokens/mutations.ts";
import { removeWorker, setDraining } from "../features/workers/mutations.ts";
import { ensureFirstAdmin } from "./auth.ts";
import { sealingKey } from "./boot/secrets.ts";
import { createContext } from "./context.ts";
import { appRouter } from "./root.ts";
import { type GatewayPort, setRuntime } from "./runtime.ts";

const DAY_MS = 86_400_000;
const home = mkdtempSync(path.join(os.tmpdir(), "octet-audit-"));
const token = "octet_test_token_of_nightly";
/** Nothing of these may ever be in the log. */
const secrets = ["s3cret-of-gate", "an0ther-of-gate", "k3y-of-hall", "correct horse 1", "maria's passw0rd", "maria's n3xt one", token];
let postgres: TestPostgres;
let db: Database;

beforeAll(async () => {
  postgres = await TestPostgres.start();
  Object.assign(process.env, { NODE_ENV: "test", DATABASE_URL: postgres.url, OCTET_HOME: home, OCTET_SECRET: "a secret of the tests" });
  db = createDatabase(postgres.url, { connections: 5 });
  const gateway = {
    workers: () => [],
    workerDrains: async () => {},
    changed: () => {},
    camerasChanged: async () => {},
    tokensChanged: async () => {},
    sessionsChanged: async () => {},
  } as Partial<GatewayPort> as GatewayPort;
  setRuntime({ db, gateway } as Parameters<typeof setRuntime>[0]);
  await ensureFirstAdmin({ email: "admin@example.com", password: "correct horse 1" });
  await registerToken(db, { token, name: "nightly", kind: "api", role: "admin" });
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(async () => {
  await db.auditEntry.deleteMany();
  await db.camera.deleteMany();
});

const api = () => appRouter.createCaller(createContext(new Headers({ authorization: `Bearer ${token}` })));
const list = (filter: object = {}) => listAudit(db, listAuditSchema.parse(filter));

afterEach(async () => {
  const rows = await db.auditEntry.findMany();
  const all = JSON.stringify(rows.map((row) => ({ ...row, id: Number(row.id) })));
  expect(secrets.filter((secret) => all.includes(secret) || all.includes(encodeURIComponent(secret)))).toEqual([]);
});

/** What a change wrote, for people; each entry is by who made it. */
async function written(change: () => Promise<unknown>): Promise<string[]> {
  const before = await db.auditEntry.findFirst({ orderBy: { id: "desc" } });
  await change();
  const { items } = await list({ limit: 200 });
  const added = items.filter(({ id }) => id > Number(before?.id ?? 0));
  expect(added.filter(({ who }) => who !== "nightly")).toEqual([]);
  return added.map(({ text, facts }) => [text, ...facts].join(" · "));
}

const gate = { name: "Gate", url: "rtsp://u:s3cret-of-gate@192.0.2.1/a", substreamUrl: "http://192.0.2.1/b?token=k3y-of-hall" };

describe("cameras", () => {
  it("tells who added, changed and removed one", async () => {
    const added = await api().cameras.create(gate);
    const { id } = added;
    expect((await list()).items).toMatchObject([
      { action: "camera.create", subject: id, subjectKind: "camera", text: "added the camera Gate", facts: ["rtsp://u:•••@192.0.2.1/a"] },
    ]);
    expect(await written(() => api().cameras.update({ id, patch: { detectFps: 2, tags: ["hall"], name: "Front gate" } }))).toEqual([
      "set Gate: name Gate → Front gate, detections a second 5 → 2, tags none → hall",
    ]);
    expect(await written(() => api().cameras.remove({ id }))).toEqual(["removed the camera Front gate"]);
    expect(await list({ search: "ADDED gate" })).toMatchObject({ items: [{ subject: id, subjectKind: null }] });
  });

  it("tells that a password was changed, and not which", async () => {
    const { id, ...camera } = await api().cameras.create(gate);
    const to = (url: string) => written(() => api().cameras.update({ id, patch: { url } }));
    expect(await to("rtsp://u:an0ther-of-gate@192.0.2.1/a")).toEqual(["set Gate: address rtsp://u:•••@192.0.2.1/a with another password"]);
    expect(await to("rtsp://u:•••@192.0.2.1/c")).toEqual(["set Gate: address rtsp://u:•••@192.0.2.1/a → rtsp://u:•••@192.0.2.1/c"]);
    expect(await written(() => api().cameras.update({ id, patch: { substreamUrl: null } }))).toEqual([
      "set Gate: sub-stream http://192.0.2.1/b?token=••• → none",
    ]);
    expect(camera.substreamUrl).toBe("http://192.0.2.1/b?token=•••");
  });

  it("writes nothing where nothing is changed, and nothing of what was refused", async () => {
    const { id } = await api().cameras.create({ ...gate, url: "rtsp://u:p@ss@192.0.2.1/a" });
    await api().cameras.create({ ...gate, name: "Hall" });
    expect(await written(() => api().cameras.update({ id, patch: { detectFps: 5, url: "rtsp://u:•••@192.0.2.1/a" } }))).toEqual([]);
    expect(await written(() => expect(api().cameras.update({ id, patch: { name: "Hall" } })).rejects.toThrow(/already/))).toEqual([]);
    expect(await written(() => expect(api().cameras.create(gate)).rejects.toThrow(/already/))).toEqual([]);
  });

  it("writes one entry for a whole table of cameras", async () => {
    await api().cameras.create(gate);
    const lines = Array.from({ length: 30 }, (_, index) => `C${index},rtsp://u:k3y-of-hall@192.0.2.${index}/`);
    const csv = ["name,url", `Gate,rtsp://u:an0ther-of-gate@192.0.2.1/a`, ...lines].join("\n");
    const [text, ...more] = await written(() => api().cameras.importCsv({ csv }));
    expect(text).toMatch(/^imported cameras from CSV · 30 added · 1 changed · C0, C1, .*, C19, 11 more$/);
    expect(more).toEqual([]);
    // Once more it changes nothing.
    expect(await written(() => api().cameras.importCsv({ csv }))).toEqual([]);
    expect(await db.auditEntry.count()).toBe(2);
  });
});

it("tells who drained, undrained and forgot a worker", async () => {
  await db.worker.create({ data: { id: "w1", name: "north", version: "1", host: {}, model: {} } });
  const drain = (draining: boolean) => written(() => api().workers.drain({ id: "w1", draining }));
  expect(await drain(true)).toEqual(["drained the worker north"]);
  expect(await drain(true)).toEqual([]);
  expect(await drain(false)).toEqual(["let the worker north take cameras again"]);
  expect(await written(() => api().workers.remove({ id: "w1" }))).toEqual(["had the worker north forgotten"]);
  expect(await written(() => expect(api().workers.drain({ id: "w1", draining: true })).rejects.toThrow(/no such/))).toEqual([]);
});

it("tells who made and revoked a token, and never what it is", async () => {
  const made = await api().tokens.create({ name: "ci", kind: "api", role: "viewer" });
  const { hash } = await db.accessToken.findUniqueOrThrow({ where: { id: made.id } });
  expect(await written(() => api().tokens.revoke({ id: made.id }))).toEqual(["revoked the API token ci · role viewer"]);
  const { items } = await list();
  expect(items.map(({ text, who }) => [who, text])).toEqual([
    ["nightly", "revoked the API token ci"],
    ["nightly", "made the API token ci"],
  ]);
  expect(JSON.stringify(items)).not.toContain(made.token);
  expect(JSON.stringify(items)).not.toContain(hash);
});

it("tells who added, promoted and removed a person", async () => {
  const maria = { name: "Maria", email: "maria@example.com", role: "viewer" as const, password: "maria's passw0rd" };
  expect(await written(() => api().people.create(maria))).toEqual(["added Maria (maria@example.com) as viewer"]);
  const { id } = (await api().people.list()).find(({ name }) => name === "Maria")!;
  const toOperator = () => written(() => api().people.setRole({ id, role: "operator" }));
  expect(await toOperator()).toEqual(["set Maria (maria@example.com): role viewer → operator"]);
  expect(await toOperator()).toEqual([]);
  expect(await written(() => api().people.resetPassword({ id, password: "maria's n3xt one" }))).toEqual([
    "reset the password of Maria (maria@example.com)",
  ]);
  const authority = { createUser: async () => {}, hashPassword: async () => "hash", verifyPassword: async () => true };
  const passwords = { currentPassword: "maria's n3xt one", newPassword: "maria's passw0rd" };
  await changeOwnPassword(db, authority, { userId: id, sessionId: "s", ...passwords }, "Maria");
  expect((await list({ limit: 1 })).items).toMatchObject([{ who: "Maria", text: "changed their own password" }]);
  expect(await written(() => api().people.remove({ id }))).toEqual(["removed Maria (maria@example.com)"]);
  const admin = (await api().people.list()).find(({ role }) => role === "admin")!;
  expect(await written(() => expect(api().people.remove({ id: admin.id })).rejects.toThrow(/last admin/))).toEqual([]);
});

it("tells who removed a data set, and who changed a model", async () => {
  const dataset = await db.dataset.create({ data: { name: "Lobby", kind: "calibration" } });
  expect(await written(() => api().datasets.remove({ id: dataset.id }))).toEqual(["removed the data set Lobby"]);
  const licence = { name: "MIT", note: "", origin: "" };
  const { id } = await db.detectorModel.create({
    data: {
      ...{ name: "YuNet", sha256: "a".repeat(64), sizeBytes: 1n, family: "yunet", inputWidth: 320, inputHeight: 320 },
      ...{ precision: "fp32", licence },
    },
  });
  expect(await written(() => api().models.update({ id, patch: { name: "Faces", licence } }))).toEqual(["set YuNet: name YuNet → Faces"]);
  expect(await written(() => api().models.remove({ id }))).toEqual(["removed the model Faces"]);
});

it("tells who set the gate", async () => {
  expect(await written(() => api().profiles.setGate({ maxLatencyRatio: 0.5 }))).toEqual([
    expect.stringContaining("latency at most 1 → 0.5 times"),
  ]);
});

describe("a change whose entry cannot be written", () => {
  /** A text that Postgres does not take. */
  const nobody = "\0";

  it("is not made", async () => {
    const fields = cameraInputSchema.parse(gate);
    await expect(createCamera(db, sealingKey(), fields, nobody)).rejects.toThrow();
    expect(await db.camera.count()).toBe(0);
    const { id } = await createCamera(db, sealingKey(), fields, "Ada");
    await expect(updateCamera(db, sealingKey(), id, { detectFps: 1 }, nobody)).rejects.toThrow();
    await expect(removeCamera(db, id, nobody)).rejects.toThrow();
    expect(await db.camera.findMany()).toMatchObject([{ id, detectFps: 5 }]);
    const tokens = await db.accessToken.count();
    await expect(createToken(db, { name: "x", kind: "api", role: "viewer" }, nobody)).rejects.toThrow();
    expect(await db.accessToken.count()).toBe(tokens);
    const { id: workerId } = await db.worker.create({ data: { id: "w2", name: "south", version: "1", host: {}, model: {} } });
    await expect(setDraining(db, workerId, true, nobody)).rejects.toThrow();
    await expect(removeWorker(db, workerId, false, nobody)).rejects.toThrow();
    expect(await db.worker.findMany()).toMatchObject([{ id: "w2", draining: false }]);
    expect(await db.auditEntry.count()).toBe(1);
  });
});

describe("the list", () => {
  const fill = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) await audit(db, "Ada", "worker.drain", `w${index}`, { name: `host ${index}` });
  };
  const names = ({ items }: Awaited<ReturnType<typeof list>>) => items.map(({ subject }) => subject);

  it("comes by pages, the newest first, and ends", async () => {
    await fill(5);
    const first = await list({ limit: 2 });
    expect(names(first)).toEqual(["w4", "w3"]);
    const second = await list({ limit: 2, cursor: first.nextCursor });
    expect(names(second)).toEqual(["w2", "w1"]);
    expect(await list({ limit: 2, cursor: second.nextCursor })).toMatchObject({ items: [{ subject: "w0" }], nextCursor: null });
    expect((await list({ limit: 5 })).nextCursor).toBeNull();
  });

  it("finds words of the text and the name of who did it, by pages too", async () => {
    await fill(12);
    await audit(db, "Ben", "camera.remove", "c", { name: "Host camera" });
    expect(names(await list({ search: "ben" }))).toEqual(["c"]);
    expect(names(await list({ search: "HOST drained 1" }))).toEqual(["w11", "w10", "w1"]);
    const first = await list({ search: "drained 1", limit: 2 });
    expect(names(first)).toEqual(["w11", "w10"]);
    expect(await list({ search: "drained 1", limit: 2, cursor: first.nextCursor })).toMatchObject({
      ...{ items: [{ subject: "w1" }], nextCursor: null },
    });
    expect(await list({ search: "nowhere" })).toEqual({ items: [], nextCursor: null });
  });

  it("shows one kind alone, and what another version wrote under everything", async () => {
    await fill(1);
    await db.auditEntry.create({ data: { who: "Ada", action: "site.moved", subject: "site", detail: 7 } });
    expect(names(await list({ kind: "workers" }))).toEqual(["w0"]);
    expect(names(await list({ kind: "cameras" }))).toEqual([]);
    expect((await list()).items.map(({ text }) => text)).toEqual(["site.moved site", "drained the worker host 0"]);
  });

  it("drops what is old, but for what an acceptance report tells of a profile", async () => {
    const licence = { name: "MIT", note: "", origin: "" };
    const file = { sha256: "b".repeat(64), sizeBytes: 1n };
    const model = await db.detectorModel.create({
      data: { name: "Kept", ...file, family: "yunet", inputWidth: 320, inputHeight: 320, precision: "fp32", licence },
    });
    const profile = await db.profile.create({ data: { name: "Kept FP32", modelId: model.id, precision: "fp32", options: {} } });
    await fill(2);
    await audit(db, "Ada", "profile.reject", profile.id, { name: profile.name });
    const old = new Date(Date.now() - 3 * DAY_MS);
    await db.auditEntry.updateMany({ where: { subject: { not: "w1" } }, data: { at: old } });
    expect(await dropOldEntries(db, new Date(Date.now() - 2 * DAY_MS))).toBe(1);
    expect(names(await list())).toEqual([profile.id, "w1"]);
  });
});
