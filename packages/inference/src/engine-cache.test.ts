import { existsSync } from "node:fs";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EngineCache } from "./engine-cache.ts";
import type { EngineKey } from "./engine-key.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "octet-engines-"));
});
afterEach(() => rm(root, { recursive: true }));

const key = (model: string, driver = "550.1"): EngineKey => ({
  gpu: { name: "NVIDIA L4", computeCapability: "8.9", driver },
  onnxruntime: "1.30.0",
  tensorrt: "10.9.0",
  model: model.repeat(64),
  precision: "fp16",
  shape: [3, 640, 640],
  batches: [1, 8],
});

it("keeps what was built for the same key, and removes what was built for another driver", async () => {
  const cache = new EngineCache(root);
  const first = await cache.prepare(key("a"));
  await writeFile(first.file, "engine");
  const other = await cache.prepare(key("b"));
  const again = await cache.prepare(key("a"));
  expect(again).toEqual(first);
  expect(existsSync(again.file)).toBe(true);
  const updated = await cache.prepare(key("a", "560.2"));
  expect(existsSync(first.folder)).toBe(false);
  expect([existsSync(updated.folder), existsSync(other.folder)]).toEqual([true, true]);
});

it("keeps what was built for other batches on the same host", async () => {
  const cache = new EngineCache(root);
  const first = await cache.prepare(key("a"));
  const more = await cache.prepare({ ...key("a"), batches: [1, 16] });
  expect(more.folder).not.toBe(first.folder);
  expect([existsSync(first.folder), existsSync(more.folder)]).toEqual([true, true]);
});

it("leaves folders alone that this process uses: a host may have GPUs of two kinds", async () => {
  const cache = new EngineCache(root);
  const first = await cache.prepare(key("a"));
  await cache.prepare(key("a", "560.2"), new Set([path.basename(first.folder)]));
  expect(existsSync(first.folder)).toBe(true);
});

it("removes what was unused for longest beyond its bound", async () => {
  const cache = new EngineCache(root, 5000);
  const folders: string[] = [];
  for (const [at, model] of ["a", "b", "c"].entries()) {
    const { folder } = await cache.prepare(key(model));
    await writeFile(path.join(folder, "x.engine"), Buffer.alloc(2000));
    await utimes(folder, at + 1, at + 1);
    folders.push(folder);
  }
  await cache.sweep(new Set([path.basename(folders[0]!)]));
  expect(folders.map((folder) => existsSync(folder))).toEqual([true, false, true]);
});
