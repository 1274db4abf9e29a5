import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import { artifactPath, MAX_ARTIFACT_BYTES } from "@octet/shared/domain/artifact";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestPostgres } from "../../../../../packages/testing/src/postgres.ts";
import { registerToken } from "../../features/tokens/mutations.ts";
import { ensureFirstAdmin, handleAuth } from "../auth.ts";
import { recordArtifact } from "../boot/dependencies.ts";
import { type GatewayPort, setRuntime } from "../runtime.ts";
import { receiveArtifact, serveArtifact } from "./http.ts";
import { ArtifactStore } from "./store.ts";

const site = "http://wall.lan:3000";
const host = "wall.lan:3000";
const home = mkdtempSync(path.join(os.tmpdir(), "octet-artifact-http-"));
let postgres: TestPostgres;
let db: Database;
let cookie: string;
const tokens = { worker: "octet_worker_token_of_test", operator: "octet_operator_token_of_test", viewer: "octet_viewer_token_of_test" };
const as = (name: keyof typeof tokens): Record<string, string> => ({ authorization: `Bearer ${tokens[name]}` });
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const put = (sha256: string, bytes: Buffer<ArrayBuffer>, headers: Record<string, string>): Promise<Response> =>
  receiveArtifact(new Request(site + artifactPath(sha256), { method: "PUT", headers: { host, ...headers }, body: bytes }), sha256);
const get = (sha256: string, headers: Record<string, string>, method = "GET"): Promise<Response> =>
  serveArtifact(new Request(site + artifactPath(sha256), { method, headers: { host, ...headers } }), sha256);

beforeAll(async () => {
  postgres = await TestPostgres.start();
  Object.assign(process.env, {
    NODE_ENV: "test",
    DATABASE_URL: postgres.url,
    OCTET_HOME: home,
    OCTET_SECRET: "a secret of the tests",
    PORT: "3000",
    LOG_LEVEL: "silent",
  });
  db = createDatabase(postgres.url, { connections: 4 });
  const artifacts = await ArtifactStore.create({ folder: path.join(home, "artifacts"), record: (ref) => recordArtifact(db, ref) });
  setRuntime({ db, artifacts } as unknown as Parameters<typeof setRuntime>[0] & { gateway: GatewayPort });
  for (const name of ["operator", "viewer"] as const) await registerToken(db, { token: tokens[name], name, kind: "api", role: name });
  await registerToken(db, { token: tokens.worker, name: "w", kind: "worker", role: "viewer" });
  const person = { email: "admin@example.com", password: "correct horse 1" };
  await ensureFirstAdmin(person);
  const response = await handleAuth(
    new Request(`${site}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { host, origin: site, "content-type": "application/json" },
      body: JSON.stringify(person),
    }),
  );
  cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
});
afterAll(async () => {
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

it("takes a file from a worker, an operator's program and a browser, and gives it to all who may read", async () => {
  for (const headers of [as("worker"), as("operator"), { cookie, origin: site }]) {
    const bytes: Buffer<ArrayBuffer> = randomBytes(100_000);
    const sha256 = hashOf(bytes);
    expect((await get(sha256, as("viewer"), "HEAD")).status).toBe(404);
    for (let time = 0; time < 2; time++) {
      const answer = await put(sha256, bytes, headers);
      expect([answer.status, await answer.json()]).toEqual([201, { sha256, sizeBytes: bytes.length }]);
    }
    for (const reader of [as("worker"), as("viewer"), { cookie }]) {
      const answer = await get(sha256, reader);
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    }
    const head = await get(sha256, as("viewer"), "HEAD");
    expect(head.headers.get("content-length")).toBe("100000");
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    expect(await db.artifact.findUnique({ where: { sha256 } })).toMatchObject({ sizeBytes: 100_000n });
  }
});

it("hashes what a browser sends without a hash", async () => {
  const bytes: Buffer<ArrayBuffer> = randomBytes(1000);
  const request = new Request(`${site}/api/artifacts`, { method: "POST", headers: { host, cookie, origin: site }, body: bytes });
  expect(await (await receiveArtifact(request, null)).json()).toEqual({ sha256: hashOf(bytes), sizeBytes: 1000 });
});

it("refuses, as JSON with the reason, and stores nothing", async () => {
  const bytes: Buffer<ArrayBuffer> = randomBytes(50);
  const sha256 = hashOf(bytes);
  const refused = async (answer: Promise<Response>): Promise<[number, string]> => {
    const response = await answer;
    const body = (await response.json()) as { error: { code: string; message: string } };
    expect(body.error.message).not.toBe("");
    return [response.status, body.error.code];
  };
  expect(await refused(put(sha256, bytes, {}))).toEqual([401, "UNAUTHENTICATED"]);
  expect(await refused(put(sha256, bytes, { authorization: "Bearer octet_nobody_knows_this" }))).toEqual([401, "UNAUTHENTICATED"]);
  expect(await refused(put(sha256, bytes, as("viewer")))).toEqual([403, "FORBIDDEN"]);
  expect(await refused(put(sha256, bytes, { cookie, origin: "http://evil.example" }))).toEqual([403, "FORBIDDEN"]);
  expect(await refused(put(hashOf(randomBytes(5)), bytes, as("worker")))).toEqual([400, "BAD_INPUT"]);
  expect(await refused(put("..%2Fsecrets", bytes, as("worker")))).toEqual([400, "BAD_INPUT"]);
  expect(await refused(put(sha256, bytes, { ...as("worker"), "content-length": String(MAX_ARTIFACT_BYTES + 1) }))).toEqual([
    413,
    "BAD_INPUT",
  ]);
  expect(await refused(get(sha256, {}))).toEqual([401, "UNAUTHENTICATED"]);
  expect(await refused(get(sha256, as("viewer")))).toEqual([404, "NOT_FOUND"]);
  expect(await db.artifact.count({ where: { sha256 } })).toBe(0);
});

it("opens a stored page in an origin of its own, and lets nothing be taken for a script", async () => {
  const page = Buffer.from("<!doctype html><script>alert(document.cookie)</script>");
  await put(hashOf(page), page, as("operator"));
  const { headers } = await get(hashOf(page), { cookie });
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toMatch(/^sandbox allow-scripts; default-src 'none'/);
  expect(policy).not.toContain("allow-same-origin");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("cache-control")).toMatch(/^private.*immutable$/);
});
