import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { datasetPathSchema } from "@octet/shared/domain/dataset";
import { AppError } from "@octet/shared/errors";
import yauzl from "yauzl";

export interface ArchiveLimits {
  files: number;
  /** Unpacked, of all files together, bytes. */
  bytes: number;
  /** Unpacked over packed size of one file, beyond its first MiB. */
  ratio: number;
}

const defaults: ArchiveLimits = { files: 100_000, bytes: 32 * 2 ** 30, ratio: 200 };
const FREE_BYTES = 2 ** 20;
const SYMLINK = 0o120000;
const FILE_TYPE = 0o170000;

/**
 * Unpacks a zip archive into an empty folder. What it says of its sizes is not believed: bytes are counted as they come.
 * @returns number of files
 * @throws AppError DATASET_INVALID for what is no zip, is empty or truncated, has a path that leads out, or unpacks to too
 * much; DISK_FULL
 */
export async function unpackArchive(archive: string, folder: string, limits: Partial<ArchiveLimits> = {}): Promise<number> {
  const { files, bytes, ratio } = { ...defaults, ...limits };
  const zip = await yauzl.openPromise(archive, { autoClose: false, validateEntrySizes: true }).catch((error: Error) => {
    throw invalid(error.message);
  });
  let count = 0;
  let total = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/")) continue;
      if (!isWanted(entry.fileName)) continue;
      if (!datasetPathSchema.safeParse(entry.fileName).success) throw invalid(`"${entry.fileName}" leads out of the archive`);
      if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === SYMLINK) throw invalid(`"${entry.fileName}" is a link`);
      if (++count > files) throw invalid(`it holds more than ${files} files`);
      const target = path.join(folder, ...entry.fileName.split("/"));
      await mkdir(path.dirname(target), { recursive: true });
      let size = 0;
      const counter = new Transform({
        transform(chunk: Buffer, _, done) {
          size += chunk.length;
          total += chunk.length;
          if (total > bytes) done(invalid(`it unpacks to more than ${bytes} bytes`));
          else if (size > FREE_BYTES && size > ratio * Math.max(1, entry.compressedSize))
            done(invalid(`"${entry.fileName}" unpacks to far more than it holds`));
          else done(null, chunk);
        },
      });
      await pipeline(await zip.openReadStreamPromise(entry), counter, createWriteStream(target, { flags: "wx" }));
    }
  } catch (error) {
    throw asAppError(error);
  } finally {
    zip.close();
  }
  if (count === 0) throw invalid("it holds no files");
  return count;
}

/** What file managers leave behind is no part of a data set. */
const isWanted = (name: string): boolean => !name.split("/").some((part) => part === "__MACOSX" || part.startsWith("."));

const invalid = (reason: string): AppError =>
  new AppError("DATASET_INVALID", `The archive cannot be used: ${reason}`, { hint: "Make a new zip of the images and labels." });

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC")
    return new AppError("DISK_FULL", "There is no room to unpack the archive", { hint: "Free some space on the worker.", cause: error });
  if (code === "EEXIST") return invalid("it holds a file twice");
  return invalid(message);
}
