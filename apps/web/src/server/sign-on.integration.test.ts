import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { createDatabase, type Database } from "@octet/db/client";
import { TestPostgres } from "@octet/testing/postgres";
import { type MutableToken, OAuth2Server } from "oauth2-mock-server";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

const site = "http://localhost:3999";
const home = mkdtempSync(path.join(os.tmpdir(), "octet-sign-on-"));
const provider = new OAuth2Server();
let postgres: TestPostgres;
let db: Database;
/** What the provider says of whoever signs in. */
let claims: Record<string, unknown> = {};
let issuer = "";
let auth: typeof import("./auth.ts");

beforeAll(async () => {
  postgres = await TestPostgres.start();
  db = createDatabase(postgres.url, { connections: 5 });
  await provider.issuer.keys.generate("RS256");
  await provider.start(0, "127.0.0.1");
  issuer = provider.issuer.url!;
  provider.service.on("beforeTokenSigning", (token: MutableToken) => Object.assign(token.payload, claims));
});
afterAll(async () => {
  await provider.stop();
  await db?.$disconnect();
  await postgres?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

/** A web process with these settings. */
async function start(settings: Record<string, string>): Promise<void> {
  vi.resetModules();
  delete (globalThis as { __octetAuth?: unknown }).__octetAuth;
  for (const name of Object.keys(process.env)) if (name.startsWith("OCTET_OIDC_")) delete process.env[name];
  Object.assign(process.env, {
    ...{ NODE_ENV: "test", DATABASE_URL: postgres.url, OCTET_HOME: home, OCTET_SECRET: "a secret of the tests", OCTET_ORIGIN: site },
    ...settings,
  });
  const { setRuntime } = await import("./runtime.ts");
  setRuntime({ db } as Parameters<typeof setRuntime>[0]);
  // As in a real process: server.ts makes the authority, and requests come to the copy in Next's bundle.
  (await import("./auth.ts")).getAuth();
  vi.resetModules();
  auth = await import("./auth.ts");
}

const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
const get = (url: string, cookie = ""): Promise<Response> =>
  auth.handleAuth(new Request(new URL(url, site), { headers: { host: new URL(site).host, cookie } }));

/** What a browser does that follows the button, to the end: where it is sent last, and who it is there. */
async function signIn(next = "/cameras") {
  const begun = await get(`/api/auth/sso?next=${encodeURIComponent(next)}`);
  const there = begun.headers.get("location")!;
  if (there.startsWith("/")) return { location: there, session: null };
  const back = (await fetch(there, { redirect: "manual" })).headers.get("location")!;
  expect(back).toMatch(/^http:\/\/localhost:3999\/api\/auth\/callback\/oidc\?/);
  const done = await get(back, cookiesOf(begun));
  expect(done.status).toBe(302);
  const location = done.headers.get("location")!;
  return { location, session: await auth.sessionFromHeaders(new Headers({ cookie: cookiesOf(done) })) };
}

const ours = (): Record<string, string> => ({
  OCTET_OIDC_ISSUER: issuer,
  OCTET_OIDC_CLIENT_ID: "octet",
  OCTET_OIDC_CLIENT_SECRET: "s",
});
const ada = { sub: "ada", email: "Ada@example.com", email_verified: true, name: "Ada" };

it("is not there where it is not set up", async () => {
  await start({});
  expect((await get("/api/auth/sso")).status).toBe(404);
  await auth.ensureFirstAdmin({ email: "admin@example.com", password: "correct horse 1" });
});

describe("with roles by the provider's groups", () => {
  beforeEach(() => start({ ...ours(), OCTET_OIDC_ROLES: "admin=octet-admins,operator=guards" }));

  it("makes a person with the role of their group, and follows the groups at each sign-in", async () => {
    claims = { ...ada, groups: ["staff", "guards"] };
    expect(await signIn()).toMatchObject({ location: "/cameras", session: { email: "ada@example.com", name: "Ada", role: "operator" } });
    claims = { ...ada, groups: ["octet-admins"] };
    expect((await signIn()).session).toMatchObject({ role: "admin" });
    expect(await db.user.count({ where: { email: "ada@example.com" } })).toBe(1);
    // Once more in the same group: nothing of it is news.
    await signIn();
    const by = "single sign-on";
    const person = { name: "Ada", email: "ada@example.com" };
    expect(await db.auditEntry.findMany({ orderBy: { id: "asc" } })).toMatchObject([
      { who: by, action: "person.create", detail: { ...person, role: "operator" } },
      { who: by, action: "person.set-role", detail: { ...person, changes: [{ field: "role", before: "operator", after: "admin" }] } },
    ]);
    claims = { ...ada, groups: "guards" };
    expect((await signIn("//evil.example")).session).toMatchObject({ role: "operator" });
    expect((await signIn("//evil.example")).location).toBe("/");
  });

  it("lets nobody in who is in none of the groups, also where they were before", async () => {
    claims = { ...ada, groups: ["staff"] };
    expect(await signIn()).toMatchObject({ location: expect.stringContaining("/sign-in?error=no_role"), session: null });
    claims = { sub: "eve", email: "eve@example.com", email_verified: true };
    expect(await signIn()).toMatchObject({ location: expect.stringContaining("error=no_role"), session: null });
    expect(await db.user.count({ where: { email: "eve@example.com" } })).toBe(0);
  });

  it("does not take the last admin away", async () => {
    claims = { sub: "root", email: "admin@example.com", email_verified: true, groups: ["guards"] };
    expect((await signIn()).session).toMatchObject({ email: "admin@example.com", role: "admin" });
  });

  it("leaves an address alone that the provider does not vouch for", async () => {
    await db.account.deleteMany({ where: { providerId: "oidc", accountId: "root" } });
    claims = { sub: "mallory", email: "admin@example.com", email_verified: false, groups: ["octet-admins"] };
    expect(await signIn()).toMatchObject({ location: expect.stringContaining("error=account_not_linked"), session: null });
  });

  it("takes no token that the provider did not sign for this sign-in", async () => {
    claims = { ...ada, groups: ["guards"], nonce: "another" };
    expect(await signIn()).toMatchObject({ location: expect.stringContaining("error=unable_to_get_user_info"), session: null });
    claims = { ...ada, groups: ["guards"], aud: "another-client" };
    expect((await signIn()).session).toBeNull();
  });
});

describe("without roles", () => {
  beforeEach(() => start(ours()));

  it("lets in whom an admin has added, with the role that they have here, and nobody else", async () => {
    claims = { sub: "bob", email: "bob@example.com", email_verified: true, groups: ["octet-admins"] };
    expect(await signIn()).toMatchObject({ location: expect.stringContaining("error=signup_disabled"), session: null });
    await auth.getAuth().api.createUser({ body: { email: "bob@example.com", password: "12345678", name: "Bob", role: "viewer" } });
    expect((await signIn()).session).toMatchObject({ email: "bob@example.com", role: "viewer" });
  });

  it("lets others in while the provider takes requests and answers none", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    await start({ ...ours(), OCTET_OIDC_ISSUER: `http://127.0.0.1:${port}` });
    const signedIn = await auth.handleAuth(
      new Request(`${site}/api/auth/sign-in/email`, {
        method: "POST",
        headers: { host: new URL(site).host, origin: site, "content-type": "application/json" },
        body: JSON.stringify({ email: "admin@example.com", password: "correct horse 1" }),
      }),
    );
    expect(signedIn.status).toBe(200);
    expect(await auth.sessionFromHeaders(new Headers({ cookie: cookiesOf(signedIn) }))).toMatchObject({ role: "admin" });
    silent.closeAllConnections();
    silent.close();
  });

  it("says so while the provider is away, and works once it is back", async () => {
    const { port } = new URL(issuer);
    await provider.stop();
    await start(ours());
    expect((await signIn()).location).toBe("/sign-in?error=provider_unavailable");
    await provider.start(Number(port), "127.0.0.1");
    claims = { sub: "bob", email: "bob@example.com", email_verified: true };
    expect((await signIn()).session).toMatchObject({ email: "bob@example.com" });
  });
});
