import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ArtifactRef } from "@octet/shared/domain/artifact";
import { AppError } from "@octet/shared/errors";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sniff } from "./sniff.ts";
import { ArtifactStore, storageError, tooLarge } from "./store.ts";

let folder: string;
let recorded: ArtifactRef[];
let store: ArtifactStore;
const create = () => ArtifactStore.create({ folder, record: async (ref) => void recorded.push(ref) });
const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const left = (): string[] => readdirSync(path.join(folder, "incoming"));

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "octet-artifacts-"));
  recorded = [];
  store = await create();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

it("stores a stream under its hash, and gives back the same bytes", async () => {
  const bytes = randomBytes(600_001);
  const sha256 = hashOf(bytes);
  expect(await store.store(chunks(bytes, 65_536), { sha256 })).toEqual({ sha256, sizeBytes: bytes.length });
  expect(existsSync(path.join(folder, sha256.slice(0, 2), sha256))).toBe(true);
  const artifact = (await store.open(sha256))!;
  expect(artifact.sizeBytes).toBe(bytes.length);
  expect(Buffer.from(await artifact.start(4))).toEqual(bytes.subarray(0, 4));
  expect(Buffer.from(await new Response(artifact.stream()).arrayBuffer()).equals(bytes)).toBe(true);
  expect(Buffer.from(await store.read(sha256)).equals(bytes)).toBe(true);
  expect(left()).toEqual([]);
});

it("takes the same bytes again, and bytes whose hash nobody named", async () => {
  const first = await store.store(Buffer.from("one"));
  expect(await store.store(Buffer.from("one"), first)).toEqual(first);
  expect(recorded).toEqual([first, first]);
  expect(await store.has(first.sha256)).toBe(true);
});

it("stores nothing where the hash is wrong, the bytes are too many or stop in the middle", async () => {
  const wrong = hashOf(Buffer.from("two"));
  await expect(store.store(Buffer.from("one"), { sha256: wrong })).rejects.toMatchObject({ code: "BAD_INPUT" });
  await expect(store.store(chunks(Buffer.alloc(100), 10), { maxBytes: 99 })).rejects.toMatchObject({ code: "BAD_INPUT", cause: tooLarge });
  async function* cutOff(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("on");
    throw new Error("the sender went away");
  }
  await expect(store.store(cutOff())).rejects.toThrow("the sender went away");
  expect(await store.has(wrong)).toBe(false);
  expect(recorded).toEqual([]);
  expect(left()).toEqual([]);
  expect(readdirSync(folder)).toEqual(["incoming"]);
});

it("knows no file by anything but a hash", async () => {
  expect(await store.open("../incoming")).toBeNull();
  expect(await store.has("A".repeat(64))).toBe(false);
  await expect(store.read("0".repeat(64))).rejects.toMatchObject({ code: "NOT_FOUND" });
  const { sha256 } = await store.store(Buffer.alloc(100));
  await expect(store.read(sha256, 99)).rejects.toMatchObject({ code: "BAD_INPUT" });
});

it("closes a file that its reader leaves in the middle", async () => {
  const { sha256 } = await store.store(Buffer.alloc(2_000_000));
  const reader = (await store.open(sha256))!.stream().getReader();
  expect((await reader.read()).value?.length).toBe(262_144);
  await reader.cancel();
  expect((await reader.read()).done).toBe(true);
});

it("removes at its start what was cut off a day ago, and leaves what may be in the making", async () => {
  for (const name of ["old", "new"]) writeFileSync(path.join(folder, "incoming", name), "part");
  utimesSync(path.join(folder, "incoming", "old"), new Date(0), new Date(0));
  await create();
  expect(left()).toEqual(["new"]);
});

it("names a full disk", () => {
  const full = storageError(Object.assign(new Error("write"), { code: "ENOSPC" }));
  expect(full).toBeInstanceOf(AppError);
  expect(full).toMatchObject({ code: "DISK_FULL" });
  const other = new Error("else");
  expect(storageError(other)).toBe(other);
});

it("serves as pictures, pages and JSON only what begins so", () => {
  const typeOf = (text: string | number[]): string => sniff(typeof text === "string" ? Buffer.from(text) : Uint8Array.from(text));
  expect(typeOf([0xff, 0xd8, 0xff, 0xe0])).toBe("image/jpeg");
  expect(typeOf([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])).toBe("image/png");
  expect(typeOf("<!DOCTYPE html><html>")).toMatch(/^text\/html/);
  expect(typeOf('{"layout":"images"}')).toBe("application/json");
  expect(typeOf("[]")).toBe("application/json");
  for (const other of ["", "<svg onload=x>", "{ not json", "GIF89a", "\u0008\u0007onnx"])
    expect(typeOf(other)).toBe("application/octet-stream");
});
