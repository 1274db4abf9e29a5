import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FirstStart } from "./first-start.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), "octet-first-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const start = (nobody: boolean, adminPassword?: string) => FirstStart.of({ home, adminEmail: "admin@octet.local", adminPassword }, nobody);

it("shows the password that the admin was made with, however often a start ends before it is ready", () => {
  const first = start(true)!;
  expect(first.password).toMatch(/^.{12,}$/);
  expect(first.signIn).toContain(first.password);
  // The admin was made; then the worker did not start.
  const second = start(false, "another-one-given-later")!;
  expect(second.signIn).toBe(first.signIn);
  second.done();
  expect(start(false)).toBeNull();
  expect(readdirSync(home)).toEqual([]);
});

it("makes another password where nobody has the one before", () => {
  const first = start(true)!;
  const second = start(true)!;
  expect(second.password).not.toBe(first.password);
});

it("keeps a password that was given to itself, and what it keeps from others", () => {
  const first = start(true, "given-by-a-person")!;
  expect(first.password).toBe("given-by-a-person");
  expect(first.signIn).not.toContain("given-by-a-person");
  expect(start(false)).toMatchObject({ password: "", signIn: first.signIn });
  expect(statSync(path.join(home, "first-start.json")).mode & 0o077).toBe(0);
});

it("is none where people have accounts", () => {
  expect(start(false)).toBeNull();
});
