import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fingerprint } from "./freshness.mjs";
import { root } from "./root.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "octet-freshness-"));
  writeFileSync(path.join(folder, "page.tsx"), "one");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const print = (): string => fingerprint([path.relative(root, folder)]);

it("changes with what is made from it", () => {
  const before = print();
  writeFileSync(path.join(folder, "page.tsx"), "two");
  expect(print()).not.toBe(before);
});

it("does not change with what making leaves there", () => {
  const before = print();
  for (const made of [".next", "node_modules", "generated"]) {
    mkdirSync(path.join(folder, made));
    writeFileSync(path.join(folder, made, "file.js"), "made");
  }
  writeFileSync(path.join(folder, "next-env.d.ts"), "made");
  writeFileSync(path.join(folder, "page.test.tsx"), "no part of it");
  expect(print()).toBe(before);
});
