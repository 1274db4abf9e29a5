import { expect, it } from "vitest";
import { seal, unseal } from "./seal.ts";

const key = Buffer.alloc(32, 7);
const url = "rtsp://user:pässwörd@192.0.2.1/stream";

it("gives back what was sealed, and never the same text twice", () => {
  const sealed = seal(key, url);
  expect(sealed).toMatch(/^v1:[\w-]+$/);
  expect(Buffer.from(sealed.slice(3), "base64url").toString("latin1")).not.toContain("192.0.2.1");
  expect(unseal(key, sealed)).toBe(url);
  expect(seal(key, url)).not.toBe(sealed);
});

it("opens nothing with another key, of a changed text or of a version it does not know", () => {
  const sealed = seal(key, url);
  const bytes = Buffer.from(sealed.slice(3), "base64url");
  for (const index of [0, 12, 28, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[index] = changed[index]! ^ 1;
    expect(unseal(key, `v1:${changed.toString("base64url")}`)).toBeNull();
  }
  expect(unseal(Buffer.alloc(32, 8), sealed)).toBeNull();
  expect(unseal(key, sealed.replace("v1", "v2"))).toBeNull();
  expect(unseal(key, "v1:")).toBeNull();
});
