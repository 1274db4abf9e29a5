import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type EngineKey, engineFolder } from "./engine-key.ts";

/** Engines of a dozen models; one is about as large as its model. */
export const ENGINE_CACHE_BYTES = 8 * 2 ** 30;
const KEY_FILE = "key.json";
const ENGINE_FILE = "engine.onnx";

/**
 * TensorRT's engines and timings on disk, a folder for each key. An engine is an ONNX file of one node that holds it. A folder
 * of the same model for another GPU, driver or version is removed: what it holds was built for what is no longer here.
 */
export class EngineCache {
  private readonly root: string;
  private readonly maxBytes: number;

  constructor(root: string, maxBytes = ENGINE_CACHE_BYTES) {
    this.root = root;
    this.maxBytes = maxBytes;
  }

  /**
   * Makes the folder of a key, and removes what it replaces.
   * @param others names of folders that this process uses
   * @returns the folder, the file in it that the engine is or will be, and where timings of all engines lie
   */
  async prepare(key: EngineKey, others: ReadonlySet<string> = new Set()): Promise<{ folder: string; file: string; timingFolder: string }> {
    const name = engineFolder(key);
    const folder = path.join(this.root, name);
    const timing = path.join(this.root, "timing");
    await mkdir(folder, { recursive: true });
    await mkdir(timing, { recursive: true });
    await writeFile(path.join(folder, KEY_FILE), `${JSON.stringify(key, null, 2)}\n`);
    const now = new Date();
    await utimes(folder, now, now);
    for (const other of await this.folders())
      if (other.split("-")[0] === name.split("-")[0] && !others.has(other) && !(await this.stillHolds(other, key)))
        await this.remove(other);
    await this.sweep(new Set([...others, name]));
    return { folder, file: path.join(folder, ENGINE_FILE), timingFolder: timing };
  }

  /** Removes folders, the longest unused first, until the rest fits. @param keep names of folders in use */
  async sweep(keep: ReadonlySet<string>): Promise<void> {
    const found = await Promise.all(
      (await this.folders()).map(async (name) => ({
        name,
        bytes: await bytesIn(path.join(this.root, name)),
        usedAt: (await stat(path.join(this.root, name))).mtimeMs,
      })),
    );
    let total = found.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name, bytes } of found.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= this.maxBytes) return;
      if (keep.has(name)) continue;
      await this.remove(name);
      total -= bytes;
    }
  }

  /** Whether what was built there was built for this GPU, driver and versions: for other batches, say, by another process. */
  private async stillHolds(name: string, { gpu, onnxruntime, tensorrt }: EngineKey): Promise<boolean> {
    try {
      const other = JSON.parse(await readFile(path.join(this.root, name, KEY_FILE), "utf8")) as EngineKey;
      return isDeepStrictEqual([other.gpu, other.onnxruntime, other.tensorrt], [gpu, onnxruntime, tensorrt]);
    } catch {
      return false;
    }
  }

  /** Folders of keys, by name. */
  private async folders(): Promise<string[]> {
    const entries = await readdir(this.root, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() && /^[0-9a-f]{16}-[0-9a-f]{16}$/.test(entry.name) ? [entry.name] : []));
  }

  private async remove(name: string): Promise<void> {
    await rm(path.join(this.root, name), { recursive: true, force: true });
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
