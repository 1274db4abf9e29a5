import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { chmod, link, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";

/** A download that was cut short is removed after so long. */
const STALE_MS = 24 * 3600 * 1000;

/** Files by their sha256. Several processes of one worker share the folder. */
export class ArtifactCache {
  private readonly folder: string;
  private readonly maxBytes: number;

  constructor(folder: string, maxBytes: number) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    mkdirSync(this.incoming, { recursive: true, mode: 0o700 });
  }

  /** Where a file is put together before it has its name. */
  newFile(): string {
    return path.join(this.incoming, randomUUID());
  }

  /** The file, or null; counts as a use of it. */
  async find(sha256: string, sizeBytes: number): Promise<string | null> {
    const file = this.fileOf(sha256);
    const info = await stat(file).catch(() => null);
    if (info?.size !== sizeBytes) return null;
    const now = new Date();
    await utimes(file, now, now).catch(() => {});
    return file;
  }

  /** Takes a whole file in under its name; `from` is gone afterwards. */
  async take(from: string, sha256: string): Promise<string> {
    const file = this.fileOf(sha256);
    mkdirSync(path.dirname(file), { recursive: true });
    // Others have links to it, or are about to: nobody writes into it.
    await chmod(from, 0o444);
    await rename(from, file);
    return file;
  }

  /** Takes in a copy of a file that stays where it is, if that costs nothing. */
  async takeLink(from: string, sha256: string): Promise<void> {
    const file = this.newFile();
    await link(from, file).then(
      () => this.take(file, sha256),
      () => {},
    );
  }

  /**
   * Removes what was not used for longest until the rest is within the limit. A file that is laid out somewhere (has another
   * link) stays: removing it would free nothing.
   */
  async evict(): Promise<void> {
    const files: { path: string; size: number; usedAt: number }[] = [];
    let bytes = 0;
    for (const entry of await readdir(this.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      const info = await stat(file).catch(() => null);
      if (!info) continue;
      if (entry.parentPath === this.incoming) {
        if (Date.now() - info.mtimeMs > STALE_MS) await rm(file, { force: true });
        continue;
      }
      bytes += info.size;
      if (info.nlink === 1) files.push({ path: file, size: info.size, usedAt: info.mtimeMs });
    }
    for (const { path: file, size } of files.sort((a, b) => a.usedAt - b.usedAt)) {
      if (bytes <= this.maxBytes) return;
      await rm(file, { force: true });
      bytes -= size;
    }
  }

  private get incoming(): string {
    return path.join(this.folder, "incoming");
  }

  private fileOf(sha256: string): string {
    return path.join(this.folder, sha256.slice(0, 2), sha256);
  }
}
