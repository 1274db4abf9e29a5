import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import { insertDetections } from "@octet/db/detections/insert-detections";
import type { CameraStatus, StreamProbe } from "@octet/shared/domain/camera";
import type { DetectionRecord } from "@octet/shared/domain/detection";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestPostgres } from "../../../../packages/testing/src/postgres.ts";
import { camerasWithoutAddress, getAssignableCameras } from "../features/cameras/data.ts";
import { seal } from "../features/cameras/seal.ts";
import { pageStatement, thumbnailOf } from "../features/detections/data.ts";
import { verifyToken } from "../features/tokens/data.ts";
import { registerToken } from "../features/tokens/mutations.ts";
import { saveWorker } from "../features/workers/mutations.ts";
import { ArtifactStore } from "./artifacts/store.ts";
import { ensureFirstAdmin, getAuth, handleAuth, sessionFromHeaders } from "./auth.ts";
import { sealingKey } from "./boot/secrets.ts";
import { createContext } from "./context.ts";
import { setCameraWorker } from "./placement/leases.ts";
import { appRouter } from "./root.ts";
import { type GatewayPort, setRuntime } from "./runtime.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const site = "http://wall.lan:3000";
const host = "wall.lan:3000";
const adminPerson = { email: "admin@example.com", password: "correct horse 1" };

let postgres: TestPostgres;
let db: Database;
const home = mkdtempSync(path.join(os.tmpdir(), "octet-api-"));
const seen = { changes: 0, tokenChanges: 0, drains: [] as [string, boolean][], probes: [] as { url: string; workerId?: string | null }[] };
let statuses: CameraStatus[] = [];
const probed: StreamProbe = {
  codec: "h264",
  width: 640,
  height: 360,
  fps: 25,
  gop: 50,
  bitrateKbps: 900,
  hasAudio: false,
  openMs: 12,
  snapshot: Uint8Array.from([0xff, 0xd8]),
};
const gateway: GatewayPort = {
  probe: async (input) => {
    seen.probes.push(input);
    return probed;
  },
  cameraStatuses: () => statuses,
  workers: () => [{ id: "w1", name: "one", online: true, load: null, committed: null }],
  workerDrains: async (id, draining) => void seen.drains.push([id, draining]),
  ifLost: async () => ({ cameras: 0, stranded: [], hosts: [] }),
  changed: () => {},
  camerasChanged: async () => void seen.changes++,
  tokensChanged: async () => void seen.tokenChanges++,
  sessionsChanged: async () => {},
  health: async () => ({ status: "ok", database: "ok", gateway: "ok", workers: 1, cameras: { online: 0, total: 0 }, version: "1" }),
  metrics: async () => "",
};

interface Answer<T = unknown> {
  status: number;
  data: T;
  error: {
    message: string;
    data: { octet: { code: string; message: string; hint?: string }; fieldErrors: Record<string, string[]> | null };
  };
  text: string;
}

/** A call as it comes over HTTP. */
async function call<T = never>(
  kind: "query" | "mutation",
  procedure: string,
  input: unknown,
  headers: Record<string, string>,
): Promise<Answer<T>> {
  const url = `${site}/api/trpc/${procedure}${kind === "query" && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ""}`;
  const all = new Headers({ host, ...headers });
  const request =
    kind === "query"
      ? new Request(url, { headers: all })
      : new Request(url, {
          method: "POST",
          headers: { ...Object.fromEntries(all), "content-type": "application/json" },
          body: input === undefined ? null : JSON.stringify(input),
        });
  const response = await fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: () => createContext(request.headers),
  });
  const text = await response.text();
  const body = JSON.parse(text) as { result?: { data: T }; error?: Answer["error"] };
  return { status: response.status, data: body.result?.data as T, error: body.error as Answer["error"], text };
}

async function signIn(person: { email: string; password: string }): Promise<Response> {
  return handleAuth(
    new Request(`${site}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { host, origin: site, "content-type": "application/json" },
      body: JSON.stringify(person),
    }),
  );
}

async function cookieOf(person: { email: string; password: string }): Promise<Record<string, string>> {
  const response = await signIn(person);
  expect(response.status).toBe(200);
  return {
    cookie: response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";")[0])
      .join("; "),
    origin: site,
  };
}

const tokens = { viewer: "", operator: "", admin: "" };
const as = (role: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[role]}` });

beforeAll(async () => {
  postgres = await TestPostgres.start();
  Object.assign(process.env, {
    NODE_ENV: "test",
    DATABASE_URL: postgres.url,
    OCTET_HOME: home,
    OCTET_SECRET: "a secret of the tests",
    PORT: "3000",
  });
  // A server that is not on UTC: times must come and go unchanged.
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`alter database ${new URL(postgres.url).pathname.slice(1)} set timezone to 'America/New_York'`);
  await client.end();
  db = createDatabase(postgres.url, { connections: 5 });
  setRuntime({
    db,
    gateway,
    artifacts: await ArtifactStore.create({ folder: path.join(home, "artifacts"), record: async () => {} }),
    jobs: { changed: () => {} },
  });
  for (const role of ["viewer", "operator", "admin"] as const) {
    tokens[role] = `octet_test_token_of_${role}`;
    await registerToken(db, { token: tokens[role], name: role, kind: "api", role });
  }
  expect(await ensureFirstAdmin(adminPerson)).toBe(true);
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(async () => {
  statuses = [];
  seen.probes.length = 0;
  await db.camera.deleteMany();
});

describe("signing in", () => {
  it("makes the first admin once", async () => {
    expect(await ensureFirstAdmin({ email: "other@example.com", password: "another horse" })).toBe(false);
    expect(await db.user.count()).toBe(1);
  });

  it("gives a session for the right password, also over plain HTTP by the host's name", async () => {
    const response = await signIn(adminPerson);
    expect(response.status).toBe(200);
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    expect(cookie).not.toMatch(/Secure/);
    const headers = await cookieOf(adminPerson);
    expect(await sessionFromHeaders(new Headers(headers))).toMatchObject({ email: adminPerson.email, role: "admin" });
    expect((await call("query", "site.me", undefined, headers)).data).toEqual({
      email: adminPerson.email,
      name: "Admin",
      role: "admin",
      via: "session",
    });
    const out = await handleAuth(
      new Request(`${site}/api/auth/sign-out`, {
        method: "POST",
        headers: { ...headers, host, "content-type": "application/json" },
        body: "{}",
      }),
    );
    expect(out.status).toBe(200);
    expect((await call("query", "site.me", undefined, headers)).status).toBe(401);
  });

  it("refuses a wrong password, another site's page, sign-up, and the routes that nobody needs", async () => {
    expect((await signIn({ ...adminPerson, password: "wrong horse" })).status).toBe(401);
    const post = (route: string, origin: string, body: object) =>
      new Request(`${site}/api/auth/${route}`, {
        method: "POST",
        headers: { host, origin, cookie: "x=1", "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect((await handleAuth(post("sign-in/email", "http://evil.example", adminPerson))).status).toBe(403);
    const newcomer = { email: "new@example.com", password: "12345678", name: "New" };
    expect((await getAuth().handler(post("sign-up/email", site, newcomer))).status).toBe(400);
    for (const route of ["sign-up/email", "admin/list-users", "admin/set-role", "update-user", "delete-user", "change-password"])
      expect((await handleAuth(post(route, site, newcomer))).status).toBe(404);
    expect(await db.user.count()).toBe(1);
  });

  it("is patient with people who mistype", async () => {
    for (let attempt = 0; attempt < 8; attempt++) expect((await signIn({ ...adminPerson, password: "wrong horse" })).status).toBe(401);
    expect((await signIn(adminPerson)).status).toBe(200);
  });
});

describe("the ladder", () => {
  const camera = { name: "Gate", url: "rtsp://192.0.2.1/a" };
  const id = randomUUID();
  const sha256 = "0".repeat(64);
  const levels = [
    ["query", "site.me", undefined, "viewer"],
    ["query", "site.health", undefined, "viewer"],
    ["query", "cameras.list", undefined, "viewer"],
    ["query", "cameras.get", { id }, "viewer"],
    ["query", "cameras.exportCsv", undefined, "viewer"],
    ["query", "detections.list", {}, "viewer"],
    ["query", "detections.counts", { from: new Date(0), to: new Date(1000) }, "viewer"],
    ["query", "workers.list", undefined, "viewer"],
    ["query", "workers.ifLost", { id: "w1" }, "viewer"],
    ["query", "alarms.list", {}, "viewer"],
    ["query", "alarms.count", undefined, "viewer"],
    ["query", "jobs.list", {}, "viewer"],
    ["query", "jobs.byId", { id }, "viewer"],
    ["query", "models.list", undefined, "viewer"],
    ["query", "models.byId", { id }, "viewer"],
    ["query", "datasets.list", undefined, "viewer"],
    ["query", "datasets.version", { versionId: id }, "viewer"],
    ["query", "datasets.images", { versionId: id }, "viewer"],
    ["query", "profiles.list", undefined, "viewer"],
    ["query", "profiles.byId", { id }, "viewer"],
    ["query", "shadows.ofProfile", { profileId: randomUUID() }, "viewer"],
    ["query", "acceptance.facts", { profile: "none" }, "viewer"],
    ["query", "profiles.gate", undefined, "viewer"],
    ["query", "profiles.onAir", undefined, "viewer"],
    ["query", "planner.fleet", undefined, "viewer"],
    ["mutation", "people.changeOwnPassword", { currentPassword: "a", newPassword: "12345678" }, "viewer"],
    ["mutation", "cameras.create", camera, "operator"],
    ["mutation", "cameras.update", { id, patch: {} }, "operator"],
    ["mutation", "cameras.remove", { id }, "operator"],
    ["mutation", "cameras.test", { url: camera.url }, "operator"],
    ["mutation", "cameras.importCsv", { csv: "name,url\n" }, "operator"],
    ["mutation", "workers.drain", { id: "nobody", draining: true }, "operator"],
    ["mutation", "workers.remove", { id: "nobody" }, "operator"],
    ["mutation", "alarms.acknowledge", { id }, "operator"],
    ["mutation", "jobs.cancel", { id }, "operator"],
    ["mutation", "jobs.retry", { id }, "operator"],
    ["mutation", "models.add", { sha256, name: "a model" }, "operator"],
    ["mutation", "models.inspect", { id }, "operator"],
    ["mutation", "models.update", { id, patch: {} }, "operator"],
    ["mutation", "datasets.import", { into: { id }, archive: { sha256, sizeBytes: 1 } }, "operator"],
    ["mutation", "datasets.collect", { into: { id }, cameraIds: [id] }, "operator"],
    ["mutation", "profiles.create", { modelId: id, options: { precision: "fp16" } }, "operator"],
    ["mutation", "profiles.importQat", { modelId: id, name: "x", sha256 }, "operator"],
    ["mutation", "profiles.validate", { id, datasetVersionId: id }, "operator"],
    ["mutation", "profiles.benchmark", { id }, "operator"],
    ["mutation", "profiles.reject", { id, reason: "too slow" }, "operator"],
    ["mutation", "profiles.promote", { id }, "operator"],
    ["mutation", "profiles.rollBack", { promotionId: id }, "operator"],
    ["mutation", "profiles.shadow", { id }, "operator"],
    ["mutation", "models.remove", { id }, "admin"],
    ["mutation", "datasets.remove", { id }, "admin"],
    ["mutation", "profiles.setGate", {}, "admin"],
    ["query", "audit.list", {}, "admin"],
    ["query", "tokens.list", undefined, "admin"],
    ["mutation", "tokens.create", { name: "x", kind: "api" }, "admin"],
    ["mutation", "tokens.revoke", { id }, "admin"],
    ["query", "people.list", undefined, "admin"],
    ["mutation", "people.create", { email: "ladder@example.com", name: "L", password: "12345678" }, "admin"],
    ["mutation", "people.setRole", { id, role: "viewer" }, "admin"],
    ["mutation", "people.remove", { id }, "admin"],
    ["mutation", "people.resetPassword", { id, password: "12345678" }, "admin"],
  ] as const;
  const rank = { viewer: 0, operator: 1, admin: 2 };

  it("is complete: every procedure is named here", () => {
    expect(levels.map(([, procedure]) => procedure as string).sort()).toEqual(Object.keys(appRouter._def.procedures).sort());
  });

  it.each(levels)("%s %s", async (kind, procedure, input, needed) => {
    expect(await call(kind, procedure, input, {})).toMatchObject({ status: 401, error: { data: { octet: { code: "UNAUTHENTICATED" } } } });
    expect((await call(kind, procedure, input, { authorization: "Bearer octet_unknown_token_here" })).status).toBe(401);
    for (const role of ["viewer", "operator", "admin"] as const) {
      const { status, error } = await call(kind, procedure, input, as(role));
      if (rank[role] < rank[needed]) expect([status, error.data.octet.code]).toEqual([403, "FORBIDDEN"]);
      else if (procedure !== "people.changeOwnPassword") expect([200, 404, 409]).toContain(status);
    }
  });

  it("follows a person's role at once", async () => {
    const person = { email: "Maria@Example.com", name: "Maria", password: "maria's password" };
    expect((await call("mutation", "people.create", person, as("admin"))).status).toBe(200);
    const headers = await cookieOf(person);
    expect((await call("mutation", "cameras.create", camera, headers)).status).toBe(403);
    const { data: people } = await call<{ id: string; email: string }[]>("query", "people.list", undefined, as("admin"));
    const { id: personId } = people.find(({ email }) => email === "maria@example.com")!;
    expect((await call("mutation", "people.setRole", { id: personId, role: "operator" }, as("admin"))).status).toBe(200);
    expect((await call("mutation", "cameras.create", camera, headers)).status).toBe(200);
    expect((await call("mutation", "people.remove", { id: personId }, as("admin"))).status).toBe(200);
    expect((await call("query", "cameras.list", undefined, headers)).status).toBe(401);
  });

  it("takes changes by cookie only from its own pages", async () => {
    const { cookie } = await cookieOf(adminPerson);
    const change = (headers: Record<string, string>) =>
      call("mutation", "cameras.create", { ...camera, name: randomUUID() }, { cookie: cookie!, ...headers });
    for (const headers of [{}, { origin: "http://evil.example" }, { origin: "null" }, { origin: "http://wall.lan" }] as Record<
      string,
      string
    >[])
      expect(await change(headers)).toMatchObject({ status: 403, error: { data: { octet: { code: "FORBIDDEN" } } } });
    expect((await change({ origin: site })).status).toBe(200);
    expect((await change({ origin: "https://cctv.example", "x-forwarded-host": "cctv.example" })).status).toBe(200);
    expect((await call("query", "cameras.list", undefined, { cookie: cookie! })).status).toBe(200);
  });
});

describe("people", () => {
  it("never loses the last admin, not even to two who demote each other at once", async () => {
    const { data: people } = await call<{ id: string; role: string }[]>("query", "people.list", undefined, as("admin"));
    const [first] = people.filter(({ role }) => role === "admin");
    const conflict = { status: 409, error: { data: { octet: { code: "CONFLICT" } } } };
    expect(await call("mutation", "people.setRole", { id: first!.id, role: "viewer" }, as("admin"))).toMatchObject(conflict);
    expect(await call("mutation", "people.remove", { id: first!.id }, as("admin"))).toMatchObject(conflict);
    await call(
      "mutation",
      "people.create",
      { email: "second@example.com", name: "Second", password: "12345678", role: "admin" },
      as("admin"),
    );
    const second = await db.user.findUniqueOrThrow({ where: { email: "second@example.com" } });
    const results = await Promise.all(
      [first!.id, second.id].map((id) => call("mutation", "people.setRole", { id, role: "operator" }, as("admin"))),
    );
    expect(results.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await db.user.count({ where: { role: "admin" } })).toBe(1);
    await db.user.update({ where: { id: first!.id }, data: { role: "admin" } });
    await call("mutation", "people.remove", { id: second.id }, as("admin"));
  });

  it("changes passwords, and ends the sessions that do not know the new one", async () => {
    const person = { email: "p@example.com", name: "P", password: "first password" };
    await call("mutation", "people.create", person, as("admin"));
    expect(await call("mutation", "people.create", { ...person, email: "P@example.com" }, as("admin"))).toMatchObject({ status: 409 });
    const [here, elsewhere] = [await cookieOf(person), await cookieOf(person)];
    const change = (currentPassword: string) =>
      call("mutation", "people.changeOwnPassword", { currentPassword, newPassword: "second password" }, here);
    expect((await change("wrong password")).status).toBe(403);
    expect((await change("first password")).status).toBe(200);
    expect((await call("query", "site.me", undefined, here)).status).toBe(200);
    expect((await call("query", "site.me", undefined, elsewhere)).status).toBe(401);
    expect((await signIn(person)).status).toBe(401);
    const { id } = await db.user.findUniqueOrThrow({ where: { email: person.email } });
    expect((await call("mutation", "people.resetPassword", { id, password: "third password" }, as("admin"))).status).toBe(200);
    expect((await call("query", "site.me", undefined, here)).status).toBe(401);
    expect((await signIn({ ...person, password: "third password" })).status).toBe(200);
    expect(
      (await call("mutation", "people.changeOwnPassword", { currentPassword: "a", newPassword: "12345678" }, as("viewer"))).status,
    ).toBe(403);
  });
});

describe("tokens", () => {
  it("are shown once, kept as a hash, good for their kind alone, and end when revoked", async () => {
    const { data: made } = await call<{ id: string; token: string }>(
      "mutation",
      "tokens.create",
      { name: "Rack 2", kind: "worker" },
      as("admin"),
    );
    expect(made.token).toMatch(/^octet_[\w-]{43}$/);
    expect(JSON.stringify(await db.accessToken.findMany())).not.toContain(made.token);
    expect((await call("query", "tokens.list", undefined, as("admin"))).text).not.toContain(made.token.slice(6));
    expect(await verifyToken(db, made.token, "worker")).toEqual({ id: made.id, name: "Rack 2", role: "operator" });
    expect(await verifyToken(db, made.token, "api")).toBeNull();
    expect((await call("query", "cameras.list", undefined, { authorization: `Bearer ${made.token}` })).status).toBe(401);
    const used = async () => (await db.accessToken.findUniqueOrThrow({ where: { id: made.id } })).lastUsedAt;
    const first = await used();
    expect(Math.abs(first!.getTime() - Date.now())).toBeLessThan(10_000);
    await verifyToken(db, made.token, "worker");
    expect(await used()).toEqual(first);
    const before = seen.tokenChanges;
    await call("mutation", "tokens.revoke", { id: made.id }, as("admin"));
    expect(seen.tokenChanges).toBe(before + 1);
    expect(await verifyToken(db, made.token, "worker")).toBeNull();
    await registerToken(db, { token: tokens.viewer, name: "again", kind: "api", role: "admin" });
    expect((await call<{ role: string }>("query", "site.me", undefined, as("viewer"))).data.role).toBe("viewer");
  });
});

describe("cameras", () => {
  const secret = "s3cr3t-of-the-gate";
  const gate = {
    name: "Gate",
    url: `rtsp://user:${secret}@192.0.2.1:554/a`,
    substreamUrl: `http://192.0.2.1/b?token=${secret}`,
    tags: ["north"],
  };
  type Made = { id: string; url: string; epoch?: number };

  it("keeps passwords to itself: in no answer, and in no row", async () => {
    const answers: Answer[] = [];
    const keep = async <T>(answer: Promise<Answer<T>>): Promise<Answer<T>> => {
      answers.push(await answer);
      return answer;
    };
    const { data: made } = await keep(call<Made>("mutation", "cameras.create", gate, as("operator")));
    const id = made.id;
    expect(made.url).toBe("rtsp://user:•••@192.0.2.1:554/a");
    await keep(call("query", "cameras.list", undefined, as("viewer")));
    await keep(call("query", "cameras.get", { id }, as("viewer")));
    await keep(call("query", "cameras.exportCsv", undefined, as("viewer")));
    await keep(call("mutation", "cameras.create", gate, as("operator")));
    await keep(call("mutation", "cameras.update", { id, patch: { name: "Gate 2", url: made.url } }, as("operator")));
    await keep(call("mutation", "cameras.update", { id, patch: { url: `rtsp://user:${secret}@[bad` } }, as("operator")));
    await keep(call("mutation", "cameras.test", { url: made.url, cameraId: id }, as("operator")));
    await keep(call("mutation", "cameras.test", { url: "rtsp://user:•••@192.0.2.66:554/a", cameraId: id }, as("operator")));
    await keep(call("mutation", "cameras.importCsv", { csv: `name,url\nGate,ftp://user:${secret}@192.0.2.1/\n` }, as("operator")));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 409, 200, 400, 200, 400, 200]);
    for (const { text } of answers) expect(text).not.toContain(secret);
    expect(JSON.stringify(await db.camera.findMany())).not.toMatch(new RegExp(`${secret}|192\\.0\\.2\\.1`));
    expect((await getAssignableCameras(db, sealingKey()))[0]).toMatchObject({
      url: gate.url,
      substreamUrl: gate.substreamUrl,
      name: "Gate 2",
    });
    expect(seen.probes).toEqual([{ url: gate.url, transport: "tcp", workerId: null }]);
  });

  it("goes on with the others where the key does not open a camera's address, and takes another address for it", async () => {
    await call("mutation", "cameras.create", gate, as("operator"));
    const { data: made } = await call<Made>("mutation", "cameras.create", { ...gate, name: "Yard" }, as("operator"));
    await db.camera.update({ where: { id: made.id }, data: { urlSealed: seal(Buffer.alloc(32, 1), gate.url) } });
    const listed = await call<(Made & { name: string })[]>("query", "cameras.list", undefined, as("viewer"));
    expect(listed.data).toMatchObject([
      { name: "Gate", addressLost: false, url: made.url },
      { name: "Yard", addressLost: true, url: "", substreamUrl: null },
    ]);
    expect((await getAssignableCameras(db, sealingKey())).map(({ name }) => name)).toEqual(["Gate"]);
    expect([...camerasWithoutAddress(db)]).toEqual([made.id]);
    const update = (patch: object) => call("mutation", "cameras.update", { id: made.id, patch }, as("operator"));
    expect((await update({ detectFps: 2 })).status).toBe(200);
    expect(await update({ url: made.url })).toMatchObject({ error: { data: { octet: { code: "CAMERA_PASSWORD_REQUIRED" } } } });
    expect((await update({ url: gate.url })).data).toMatchObject({ addressLost: false, url: made.url });
    expect((await getAssignableCameras(db, sealingKey())).map(({ name }) => name)).toEqual(["Gate", "Yard"]);
    expect(camerasWithoutAddress(db).size).toBe(0);
  });

  it("sends a stored password nowhere else", async () => {
    const { data: made } = await call<Made>("mutation", "cameras.create", gate, as("operator"));
    const update = (url: string) => call("mutation", "cameras.update", { id: made.id, patch: { url } }, as("operator"));
    const refused = { status: 400, error: { data: { octet: { code: "CAMERA_PASSWORD_REQUIRED" } } } };
    expect(await update("rtsp://user:•••@192.0.2.66:554/a")).toMatchObject(refused);
    expect(await update("rtsp://root:•••@192.0.2.1:554/a")).toMatchObject(refused);
    expect(await call("mutation", "cameras.create", { name: "Copy", url: made.url }, as("operator"))).toMatchObject(refused);
    expect(await call("mutation", "cameras.test", { url: made.url }, as("operator"))).toMatchObject(refused);
    expect((await update("rtsp://user:•••@192.0.2.1:554/other")).status).toBe(200);
    expect((await getAssignableCameras(db, sealingKey()))[0]?.url).toBe(`rtsp://user:${secret}@192.0.2.1:554/other`);
  });

  it("tests a connection and hands over the picture", async () => {
    const { data } = await call("mutation", "cameras.test", { url: "rtsp://192.0.2.1/a", transport: "udp" }, as("operator"));
    expect(data).toEqual({ ok: true, probe: { ...probed, snapshot: Buffer.from([0xff, 0xd8]).toString("base64") } });
  });

  it("lists live states, tells of each write, and names each field's fault", async () => {
    const before = seen.changes;
    const { data: made } = await call<Made>("mutation", "cameras.create", { name: "A", url: "file:a.mp4" }, as("operator"));
    statuses = [{ cameraId: made.id, state: "online" } as CameraStatus];
    await call("mutation", "cameras.create", { name: "B", url: "file:b.mp4" }, as("operator"));
    const { data: list } = await call<{ name: string; status: { state: string } | null }[]>(
      "query",
      "cameras.list",
      undefined,
      as("viewer"),
    );
    expect(list.map(({ name, status }) => [name, status?.state ?? null])).toEqual([
      ["A", "online"],
      ["B", null],
    ]);
    await call("mutation", "cameras.update", { id: made.id, patch: { enabled: false } }, as("operator"));
    await call("mutation", "cameras.remove", { id: made.id }, as("operator"));
    expect(seen.changes).toBe(before + 4);
    expect(await call("mutation", "cameras.remove", { id: made.id }, as("operator"))).toMatchObject({ status: 404 });
    const { status, error } = await call(
      "mutation",
      "cameras.update",
      { id: made.id, patch: { url: "ftp://x/", detectFps: 99 } },
      as("operator"),
    );
    expect(status).toBe(400);
    expect(error.data.octet).toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("not supported") });
    expect(Object.keys(error.data.fieldErrors ?? {}).sort()).toEqual(["detectFps", "url"]);
  });

  it("hands a camera's classes to its worker, and keeps them where a change does not name them", async () => {
    type Classes = Made & { classes: string[] };
    const atWorker = async () => (await getAssignableCameras(db, sealingKey()))[0]?.classes;
    const { data: made } = await call<Classes>("mutation", "cameras.create", gate, as("operator"));
    expect([made.classes, await atWorker()]).toEqual([[], []]);
    const update = (patch: object) => call<Classes>("mutation", "cameras.update", { id: made.id, patch }, as("operator"));
    expect((await update({ classes: ["Person", " car ", "person"] })).data.classes).toEqual(["Person", "car"]);
    expect((await update({ confidence: 0.4 })).data.classes).toEqual(["Person", "car"]);
    expect((await call<Classes>("query", "cameras.get", { id: made.id }, as("viewer"))).data.classes).toEqual(["Person", "car"]);
    expect(await atWorker()).toEqual(["Person", "car"]);
    expect(await update({ classes: ["person,car"] })).toMatchObject({
      status: 400,
      error: { data: { fieldErrors: { classes: [expect.stringContaining("comma")] } } },
    });
    expect((await update({ classes: [] })).data.classes).toEqual([]);
    expect(await atWorker()).toEqual([]);
  });

  it("goes out and in as CSV without losing a password", async () => {
    await call("mutation", "cameras.create", gate, as("operator"));
    await call(
      "mutation",
      "cameras.create",
      { name: "=Hall", url: "file:hall.mp4", enabled: false, detectFps: 2, classes: ["car"] },
      as("operator"),
    );
    const before = await getAssignableCameras(db, sealingKey());
    const { data: out } = await call<{ csv: string }>("query", "cameras.exportCsv", undefined, as("viewer"));
    const { data } = await call(
      "mutation",
      "cameras.importCsv",
      { csv: `${out.csv}New,rtsp://user:x@192.0.2.5/\nBad,ftp://y/\n` },
      as("operator"),
    );
    expect(data).toEqual({ created: 1, updated: 2, errors: [{ line: 5, message: expect.stringContaining("url") }] });
    expect((await getAssignableCameras(db, sealingKey())).slice(0, before.length)).toEqual(before);
    const { data: again } = await call<{ csv: string }>("query", "cameras.exportCsv", undefined, as("viewer"));
    expect(again.csv.startsWith(out.csv)).toBe(true);
    const moved = await call<{ errors: { message: string }[] }>(
      "mutation",
      "cameras.importCsv",
      { csv: "name,url\nGate,rtsp://user:•••@192.0.2.66/\n" },
      as("operator"),
    );
    expect(moved.data.errors[0]?.message).toMatch(/Enter the password again/);
    await call("mutation", "cameras.importCsv", { csv: "name,url\n=Hall,file:other.mp4\n" }, as("operator"));
    expect(await db.camera.findUniqueOrThrow({ where: { name: "=Hall" } })).toMatchObject({
      enabled: false,
      detectFps: 2,
      classes: ["car"],
    });
  });

  it("raises the epoch with each hand-over, and takes a deletion meanwhile as it comes", async () => {
    const { data: made } = await call<Made>("mutation", "cameras.create", gate, as("operator"));
    await saveWorker(db, { workerId: "w1", name: "one", version: "1", host: {}, model: {} } as never);
    expect(await setCameraWorker(db, made.id, "w1", { handover: false, now: 1 })).toBe(1);
    expect(await setCameraWorker(db, made.id, null, { handover: false, now: 2 })).toBe(2);
    expect(await setCameraWorker(db, randomUUID(), "w1", { handover: false, now: 3 })).toBe(0);
    // Its facts are not a worker's: such a row is left out, and the list still works.
    expect((await call("query", "workers.list", undefined, as("viewer"))).data).toEqual([]);
  });
});

describe("workers", () => {
  it("drain, and are forgotten once they are gone", async () => {
    for (const id of ["w1", "w2"])
      await saveWorker(db, { workerId: id, name: id, version: "1", host: {}, model: {}, labels: ["north"] } as never);
    expect((await call("mutation", "workers.drain", { id: "w2", draining: true }, as("operator"))).status).toBe(200);
    expect(seen.drains).toEqual([["w2", true]]);
    expect(await saveWorker(db, { workerId: "w2", name: "w2", version: "1", host: {}, model: {}, labels: [] } as never)).toEqual({
      draining: true,
    });
    expect(await call("mutation", "workers.drain", { id: "w3", draining: true }, as("operator"))).toMatchObject({ status: 404 });
    expect(await call("mutation", "workers.remove", { id: "w1" }, as("operator"))).toMatchObject({ status: 409 });
    expect((await call("mutation", "workers.remove", { id: "w2" }, as("operator"))).status).toBe(200);
    expect(await db.worker.findMany({ select: { id: true } })).toEqual([{ id: "w1" }]);
  });
});

describe("detections", () => {
  const cameraId = randomUUID();
  const other = randomUUID();
  const now = Math.floor(Date.now() / 1000) * 1000;
  type Page = {
    items: {
      id: string;
      cameraId: string;
      capturedAt: string;
      score: number;
      latencyMs: number;
      thumbnail: string | null;
      cameraName: string;
    }[];
    nextCursor: string | null;
  };

  const record = (index: number): DetectionRecord => ({
    frameId: randomUUID(),
    cameraId: index % 4 === 0 ? other : cameraId,
    workerId: "w1",
    modelId: "m",
    epoch: null,
    seq: index,
    ptsMs: index,
    // Five days, and many rows of one moment.
    capturedAt: now - Math.floor(index / 5) * HOUR_MS * 1.2,
    width: 640,
    height: 360,
    stages: { network: 0, decode: 1, queue: 2, preprocess: 3, infer: 4, postprocess: 5, publish: 6.5 },
    detections: [0.9, 0.6].map((score) => ({
      box: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 },
      score,
      label: "face",
      landmarks: null,
      trackId: index,
    })),
    thumbnails: index % 10 === 0 ? [{ index: 1, jpeg: Uint8Array.from([0xff, 0xd8, index % 256]) }] : [],
  });
  const records = Array.from({ length: 500 }, (_, index) => record(index));

  beforeAll(async () => {
    expect(await insertDetections(db, records)).toEqual({ stored: 1000, repeated: 0 });
    await db.$executeRawUnsafe("ANALYZE detection");
  });

  async function all(filter: object): Promise<{ items: Page["items"]; pages: number }> {
    const items: Page["items"] = [];
    let cursor: string | null = null;
    for (let pages = 1; ; pages++) {
      const { data, status }: Answer<Page> = await call<Page>("query", "detections.list", { ...filter, cursor }, as("viewer"));
      expect(status).toBe(200);
      items.push(...data.items);
      if (!data.nextCursor) return { items, pages };
      cursor = data.nextCursor;
    }
  }

  it("pages through a thousand rows: each once, newest first", async () => {
    for (const filter of [{ limit: 37 }, { limit: 37, from: new Date(now - 30 * DAY_MS) }, { limit: 200, to: new Date(now) }]) {
      const { items, pages } = await all(filter);
      expect(items).toHaveLength(1000);
      expect(new Set(items.map(({ id }) => id)).size).toBe(1000);
      expect(pages).toBe(Math.ceil(1000 / filter.limit));
      const times = items.map(({ capturedAt }) => Date.parse(capturedAt));
      expect(times).toEqual([...times].sort((a, b) => b - a));
      expect(times[0]).toBe(now);
    }
  });

  it("shows what was stored, and no more pictures than asked for", async () => {
    const { data, text } = await call<Page>("query", "detections.list", { limit: 10 }, as("viewer"));
    expect(data.items[0]).toMatchObject({
      cameraName: "deleted camera",
      latencyMs: 21.5,
      box: { x: expect.closeTo(0.1), h: expect.closeTo(0.4) },
    });
    expect(text.length).toBeLessThan(6000);
    const pictured = data.items.find(({ thumbnail }) => thumbnail !== null)!;
    expect(pictured.thumbnail).toBe(`/api/detections/${pictured.id}/thumbnail`);
    expect([...(await thumbnailOf(db, pictured.id))!]).toEqual([0xff, 0xd8, 0]);
    for (const id of [pictured.id.replace(/_1$/, "_0"), "nonsense", `1_${"-".repeat(36)}_0`, `99999999999999_${randomUUID()}_9999`])
      expect(await thumbnailOf(db, id)).toBeNull();
  });

  it("filters by camera, time, score and track", async () => {
    expect((await all({ cameraIds: [other], limit: 200 })).items).toHaveLength(250);
    expect((await all({ cameraIds: [other, cameraId], limit: 200 })).items).toHaveLength(1000);
    expect((await all({ minScore: 0.7, limit: 200 })).items).toHaveLength(500);
    const tracks = (await all({ tracksOnly: true, limit: 7 })).items;
    expect(tracks).toHaveLength(50);
    expect(tracks.every(({ thumbnail }) => thumbnail !== null)).toBe(true);
    const from = now - 2 * DAY_MS;
    const to = now - DAY_MS;
    const within = records.filter(({ capturedAt }) => capturedAt >= from && capturedAt <= to).length * 2;
    expect((await all({ from: new Date(from), to: new Date(to), limit: 200 })).items).toHaveLength(within);
    expect(await call("query", "detections.list", { cursor: "nonsense" }, as("viewer"))).toMatchObject({
      status: 400,
      error: { data: { octet: { code: "BAD_INPUT" } } },
    });
  });

  it("counts by span", async () => {
    const from = now - 10 * DAY_MS;
    const to = now + 1;
    const { data } = await call<{ at: number; count: number }[]>(
      "query",
      "detections.counts",
      { from: new Date(from), to: new Date(to), buckets: 40 },
      as("viewer"),
    );
    expect(data).toHaveLength(40);
    expect(data[0]?.at).toBe(from);
    const width = (to - from) / 40;
    const expected = Array.from({ length: 40 }, () => 0);
    for (const { capturedAt } of records) expected[Math.min(39, Math.floor((capturedAt - from) / width))]! += 2;
    expect(data.map(({ count }) => count)).toEqual(expected);
    const some = await call<{ count: number }[]>(
      "query",
      "detections.counts",
      { cameraIds: [other], from: new Date(from), to: new Date(to), buckets: 1 },
      as("viewer"),
    );
    expect(some.data[0]?.count).toBe(250);
    expect((await call("query", "detections.counts", { from: new Date(to), to: new Date(from), buckets: 1 }, as("viewer"))).status).toBe(
      400,
    );
  });

  it("reads only the days in question, by index, and stops at the page's end", async () => {
    const plan = async (input: Partial<Parameters<typeof pageStatement>[0]>): Promise<string> => {
      const { sql, values } = pageStatement({
        from: new Date(now - 30 * DAY_MS),
        to: new Date(now),
        tracksOnly: false,
        limit: 50,
        after: null,
        ...input,
      });
      const rows = await db.$queryRawUnsafe<{ "QUERY PLAN": string }[]>(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${sql}`, ...values);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    };
    const days = (text: string): number => new Set(text.match(/ on d(?=\d{8})\d{8}/g)).size;
    // More rows of one day than a page could want, so that the planner has a choice.
    const many = Array.from({ length: 4000 }, (_, index) => ({
      ...record(1),
      frameId: randomUUID(),
      cameraId: randomUUID(),
      capturedAt: now - DAY_MS * 2 - index * 10,
      thumbnails: [],
    }));
    for (let at = 0; at < many.length; at += 500) await insertDetections(db, many.slice(at, at + 500));
    await db.$executeRawUnsafe("ANALYZE detection");
    const partitions = Number(
      (await db.$queryRawUnsafe<{ count: bigint }[]>("select count(*) from pg_inherits where inhparent = 'detection'::regclass"))[0]?.count,
    );
    expect(partitions).toBeGreaterThan(4);

    const oneHour = await plan({ from: new Date(now - 2 * DAY_MS - HOUR_MS), to: new Date(now - 2 * DAY_MS) });
    expect(days(oneHour)).toBeLessThanOrEqual(2);
    expect(oneHour).toMatch(/Index Scan/);
    const everything = await plan({});
    expect(everything).toMatch(/Index Scan Backward using d\d+_pkey/);
    // Older days lie behind the page: they are planned, and not read.
    expect(everything).toMatch(/never executed/);
    const next = await plan({ after: { capturedAt: new Date(now - 2 * DAY_MS - 5000), frameId: randomUUID(), index: 0 } });
    expect(days(next)).toBeLessThan(partitions);
    const camera = await plan({ cameraIds: [many[7]!.cameraId], from: new Date(now - 3 * DAY_MS) });
    expect(camera).toMatch(/camera_id_captured_at_idx/);
    expect(await plan({ tracksOnly: true })).toMatch(/Index/);
  });
});

// The last one: it ends the database.
it("says so where the database is away, to people and to programs, and works again when it is back", async () => {
  const headers = await cookieOf(adminPerson);
  await postgres.crash();
  const away = { status: 503, error: { data: { octet: { code: "DATABASE_UNAVAILABLE" } } } };
  expect(await call("query", "cameras.list", undefined, as("viewer"))).toMatchObject(away);
  expect(await call("query", "cameras.list", undefined, headers)).toMatchObject(away);
  await postgres.restart();
  expect((await call("query", "cameras.list", undefined, headers)).status).toBe(200);
});
