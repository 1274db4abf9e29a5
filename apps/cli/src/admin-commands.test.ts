import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type CommandRun, runCommand } from "./testing/command-runner.ts";
import { FakeServer } from "./testing/fake-server.ts";
import { runOctet } from "./testing/run-octet.ts";

const createdAt = "2026-03-01T08:00:00.000Z";
const person = { id: "ldfH49VC9HaYWUP8", email: "anna@example.com", name: "Anna", role: "viewer", createdAt };
const token = (id: string, name: string, kind = "worker") => ({ id, name, kind, role: "operator", createdAt, lastUsedAt: null });
const tokens = [token("t1", "north"), token("t2", "twin"), token("t3", "twin"), token("t4", "ci", "api")];
const overridden = {
  ...{ id: 2, at: createdAt, who: "Anna", action: "profile.promote-override", subject: "p1" },
  detail: { name: "Faces INT8", scope: "camera", scopeValue: "c1" },
  ...{ text: "promoted Faces INT8 for Lobby against the gate", facts: [], reason: "A trial for a week", findings: ["Not benchmarked"] },
};
const widened = {
  ...{ id: 1, at: createdAt, who: "ci", action: "camera.import", subject: "cameras", detail: {} },
  ...{ text: "imported cameras from CSV", facts: ["2 added", "0 changed"], reason: null, findings: [] },
};

let home: string;
let server: FakeServer;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "octet-admin-"));
  server = await FakeServer.start({
    "people.list": () => [person],
    "people.create": () => null,
    "people.setRole": () => null,
    "people.resetPassword": () => null,
    "people.remove": () => null,
    "tokens.list": () => tokens,
    "tokens.create": (input) => ({ ...token("t5", ""), ...(input as object), token: "octet_new" }),
    "tokens.revoke": () => null,
    "audit.list": () => ({ items: [overridden, widened], nextCursor: "1" }),
  });
  writeFileSync(path.join(home, "cli.json"), JSON.stringify({ url: server.url, token: "octet_token" }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  server.calls.length = 0;
});

const octet = (...args: string[]): Promise<CommandRun> => runCommand(args, { OCTET_HOME: home });
const called = (procedure: string) => server.calls.filter((call) => call.procedure === procedure).map(({ input }) => input);

it("lets somebody sign in with a password that is shown once", async () => {
  const added = await octet("people", "add", "Anna@example.com", "--name", "Anna", "--role", "operator");
  const [created] = called("people.create") as { password: string }[];
  expect(created).toEqual({ email: "Anna@example.com", name: "Anna", role: "operator", password: expect.stringMatching(/^.{20}$/) });
  expect(added).toMatchObject({ code: 0, document: { added: person, password: created!.password } });
  expect(added.text).toBe(`Added Anna <anna@example.com> as viewer\nPassword: ${created!.password}`);
});

it("takes a password from stdin, and does not show that", async () => {
  const reset = await runOctet(["people", "reset-password", "anna", "--password-stdin", "--json"], { cwd: home, stdin: "correct horse\n" });
  expect(called("people.resetPassword")).toEqual([{ id: person.id, password: "correct horse" }]);
  expect(reset.json()).toEqual({ person: { id: person.id, email: person.email, name: "Anna" }, password: null });
});

it("finds a person by e-mail address, name or id", async () => {
  for (const who of ["ANNA@example.com", "anna", person.id]) expect((await octet("people", "set", who, "--role", "admin")).code).toBe(0);
  expect(called("people.setRole")).toEqual(Array(3).fill({ id: person.id, role: "admin" }));
  expect((await octet("people", "remove", "Anna")).document).toEqual({ removed: { id: person.id, email: person.email, name: "Anna" } });
  expect((await octet("people", "remove", "Ben")).document).toMatchObject({
    error: { code: "NOT_FOUND", hint: "See `octet people list`." },
  });
  expect(called("people.remove")).toHaveLength(1);
  expect((await octet("people", "list")).text).toMatch(/Anna +anna@example\.com +viewer +2026-03-01 08:00:00 +ldfH49VC9HaYWUP8$/);
});

it("makes a token that is all there is on stdout", async () => {
  const made = await octet("tokens", "create", "nightly", "--kind", "api", "--role", "viewer");
  expect(called("tokens.create")).toEqual([{ name: "nightly", kind: "api", role: "viewer" }]);
  expect(made).toMatchObject({ text: "octet_new", notes: [expect.stringContaining("only time")], document: { token: "octet_new" } });
  expect((await octet("tokens", "create", "north", "--kind", "worker", "--role", "admin")).document).toMatchObject({
    error: { code: "BAD_INPUT", hint: expect.stringContaining("--role") },
  });
  expect(called("tokens.create")).toHaveLength(1);
});

it("revokes the token that is meant, and none of two with one name", async () => {
  expect((await octet("tokens", "revoke", "North")).document).toEqual({ revoked: { id: "t1", name: "north" } });
  expect((await octet("tokens", "revoke", "twin")).document).toMatchObject({ error: { code: "BAD_INPUT", hint: "Give the id instead." } });
  expect((await octet("tokens", "revoke", "t3")).code).toBe(0);
  expect(called("tokens.revoke")).toEqual([{ id: "t1" }, { id: "t3" }]);
  expect((await octet("tokens", "list")).text).toMatch(/north +worker +2026-03-01 08:00:00 +never +t1\n[\s\S]*ci +api +operator +2026/);
});

it("tells who did what, when and why", async () => {
  const told = await octet("audit");
  expect(told).toMatchObject({ document: { entries: [overridden, widened], nextCursor: "1" }, notes: ["More: --cursor 1"] });
  const [, first, second] = told.text.split("\n");
  expect(first).toMatch(/^2026-03-01 08:00:00 +Anna +promoted Faces INT8 for Lobby against the gate +A trial for a week +Not benchmarked$/);
  expect(second).toMatch(/ ci +imported cameras from CSV, 2 added, 0 changed$/);
  await octet("audit", "--kind", "cameras", "--search", "front door", "--limit", "5", "--cursor", "9");
  expect(called("audit.list")).toEqual([
    { limit: 50, cursor: null },
    { kind: "cameras", search: "front door", limit: 5, cursor: "9" },
  ]);
});
