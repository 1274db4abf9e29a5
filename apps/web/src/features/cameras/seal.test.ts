import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { seal, unseal } from "./seal.ts";

const key = randomBytes(32);

it("gives back what was sealed, and never seals the same way twice", () => {
  const url = "rtsp://admin:p•ss@192.0.2.1/stream";
  expect(unseal(key, seal(key, url))).toBe(url);
  expect(seal(key, url)).not.toBe(seal(key, url));
});

it("shows nothing of the text", () => {
  const sealed = seal(key, "rtsp://admin:hunter2@host/");
  expect(sealed).toMatch(/^v1:[\w-]+$/);
  expect(Buffer.from(sealed.slice(3), "base64url").toString("latin1")).not.toContain("hunter2");
});

it("refuses another key, and every changed byte", () => {
  const sealed = seal(key, "rtsp://host/");
  expect(() => unseal(randomBytes(32), sealed)).toThrow();
  const bytes = Buffer.from(sealed.slice(3), "base64url");
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8((changed[i] ?? 0) ^ 1, i);
    expect(() => unseal(key, `v1:${changed.toString("base64url")}`)).toThrow();
  }
});

it("refuses what is not sealed at all", () => {
  for (const text of ["", "rtsp://host/", "v1:", "v2:AAAA"]) expect(() => unseal(key, text)).toThrow();
});
