import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import path from "node:path";
import { type ArtifactRef, MAX_ARTIFACT_BYTES, sha256Schema } from "@octet/shared/domain/artifact";
import { AppError } from "@octet/shared/errors";
import type { ArtifactPort, OpenArtifact } from "../runtime.ts";

const CHUNK_BYTES = 1 << 18;
/** An upload that was cut off is gone from the disk after so long. */
const STALE_MS = 86_400_000;

/** Cause of the one BAD_INPUT that is about size. By name: the server and Next's bundle load separate copies of this file. */
export const tooLarge = Symbol.for("octet.tooLarge");

/**
 * Files by their sha256, at `folder/ab/<sha256>`. A file is there whole or not at all: it is written beside, synced, and
 * renamed. Whether one is there, its file decides; `record` is told of each, for the books.
 */
export class ArtifactStore implements ArtifactPort {
  private readonly folder: string;
  private readonly record: (ref: ArtifactRef) => Promise<void>;

  private constructor(folder: string, record: (ref: ArtifactRef) => Promise<void>) {
    this.folder = folder;
    this.record = record;
  }

  /** Makes the folders and removes what uploads that were cut off have left. */
  static async create({ folder, record }: { folder: string; record: (ref: ArtifactRef) => Promise<void> }): Promise<ArtifactStore> {
    const store = new ArtifactStore(folder, record);
    const incoming = store.incoming();
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    for (const name of await readdir(incoming)) {
      const file = path.join(incoming, name);
      // Another web process on the same folder may be writing it now.
      const age = await stat(file).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > STALE_MS) await rm(file, { force: true });
    }
    return store;
  }

  /**
   * Stores bytes and returns their name. @throws AppError BAD_INPUT where they do not have the hash that was named or are
   * more than `maxBytes` (default: what is taken at all), DISK_FULL; nothing is stored then. Bytes that are there already
   * are no error.
   */
  async store(
    source: Uint8Array | AsyncIterable<Uint8Array>,
    { sha256, maxBytes = MAX_ARTIFACT_BYTES }: { sha256?: string; maxBytes?: number } = {},
  ): Promise<ArtifactRef> {
    const temporary = path.join(this.incoming(), randomUUID());
    try {
      const written = await writeHashed(temporary, source instanceof Uint8Array ? [source] : source, maxBytes);
      if (sha256 !== undefined && written.sha256 !== sha256)
        throw new AppError("BAD_INPUT", `The bytes have the sha256 ${written.sha256}, not ${sha256}`, {
          hint: "The file changed or was cut off on its way: send it again.",
        });
      const file = this.fileOf(written.sha256);
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await rename(temporary, file);
      await syncFolder(path.dirname(file));
      await this.record(written);
      return written;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw storageError(error);
    }
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.sizeOf(sha256)) !== null;
  }

  async open(sha256: string): Promise<OpenArtifact | null> {
    const sizeBytes = await this.sizeOf(sha256);
    if (sizeBytes === null) return null;
    const file = this.fileOf(sha256);
    // Whoever looks whether it is there may be about to name it.
    const now = new Date();
    await utimes(file, now, now).catch(() => {});
    return {
      sha256,
      sizeBytes,
      start: async (length) => {
        const handle = await open(file, "r");
        try {
          const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
          return buffer.subarray(0, bytesRead);
        } finally {
          await handle.close();
        }
      },
      stream: () => fileStream(file),
    };
  }

  async read(sha256: string, maxBytes = 64 << 20): Promise<Uint8Array> {
    const sizeBytes = await this.sizeOf(sha256);
    if (sizeBytes === null) throw new AppError("NOT_FOUND", `There is no file with the sha256 ${sha256}`);
    if (sizeBytes > maxBytes)
      throw new AppError("BAD_INPUT", `The file ${sha256} has ${sizeBytes} bytes; at most ${maxBytes} are read at once`);
    return readFile(this.fileOf(sha256));
  }

  /** Files that were last written or asked for before `time`, Unix ms. */
  async *olderThan(time: number): AsyncGenerator<ArtifactRef> {
    for (const folder of await readdir(this.folder))
      if (/^[0-9a-f]{2}$/.test(folder))
        for (const name of await readdir(path.join(this.folder, folder))) {
          const facts = sha256Schema.safeParse(name).success ? await stat(this.fileOf(name)).catch(() => null) : null;
          if (facts && facts.mtimeMs < time) yield { sha256: name, sizeBytes: facts.size };
        }
  }

  /** Unless it was written or asked for since `unlessSince`, Unix ms. @returns whether it is gone */
  async remove(sha256: string, unlessSince: number): Promise<boolean> {
    const file = this.fileOf(sha256);
    const facts = await stat(file).catch(() => null);
    if (!facts || facts.mtimeMs >= unlessSince) return false;
    await rm(file, { force: true });
    return true;
  }

  private incoming(): string {
    return path.join(this.folder, "incoming");
  }

  private fileOf(sha256: string): string {
    // Whoever calls: nothing but a hash may become part of a path.
    const name = sha256Schema.parse(sha256);
    return path.join(this.folder, name.slice(0, 2), name);
  }

  private async sizeOf(sha256: string): Promise<number | null> {
    if (!sha256Schema.safeParse(sha256).success) return null;
    return stat(this.fileOf(sha256)).then(
      (facts) => (facts.isFile() ? facts.size : null),
      () => null,
    );
  }
}

async function writeHashed(
  file: string,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const handle = await open(file, "wx", 0o600);
  try {
    for await (const chunk of source) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw tooLargeError(maxBytes);
      hash.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}

/** A short write is no error: the rest is written next, and a full disk shows then. */
async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) offset += (await handle.write(chunk, offset, chunk.length - offset)).bytesWritten;
}

/** The name must outlive a power cut as well as the bytes do. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Read as the reader takes it; the file is closed also where the reader goes away. */
function fileStream(file: string): ReadableStream<Uint8Array> {
  let handle: FileHandle | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start: async () => {
        handle = await open(file, "r");
      },
      pull: async (controller) => {
        const { bytesRead, buffer } = await handle!.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, null);
        if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
        await handle!.close();
        controller.close();
      },
      cancel: async () => {
        await handle?.close();
      },
    },
    { highWaterMark: 1 },
  );
}

export function tooLargeError(maxBytes: number): AppError {
  return new AppError("BAD_INPUT", `The file is larger than ${Math.floor(maxBytes / 1e6)} MB, the most that is taken`, { cause: tooLarge });
}

/** A full disk by its name; everything else as it is. */
export function storageError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new AppError("DISK_FULL", "The server's disk is full: the file was not stored", {
    hint: "Make room where the artifacts lie (OCTET_ARTIFACTS), then send it again.",
    cause: error,
  });
}
