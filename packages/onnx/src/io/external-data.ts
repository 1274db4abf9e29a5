import { closeSync, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import path from "node:path";
import type { ExternalData } from "./decode-limits.ts";
import { invalid } from "./model-error.ts";

/** Tensors may share data, but no honest model reads a file over and over. */
const READS_OF_A_FILE = 4;

/**
 * Reads external tensor data beside a model. The location must be a relative path that stays within `folder`, symbolic links
 * resolved: a model from elsewhere must not read other files of the host. Call `close` when done.
 */
export function externalDataIn(folder: string): { read: ExternalData; close(): void } {
  const root = realpathSync(folder);
  const files = new Map<string, { fd: number; size: number; taken: number }>();
  const open = (location: string, tensor: string) => {
    const known = files.get(location);
    if (known) return known;
    const refuse = (why: string, hint?: string, cause?: unknown) =>
      invalid(`The data of tensor "${tensor}" should lie in "${location}", ${why}`, hint, cause);
    if (!isInside(location)) throw refuse("which is outside the model's folder", "Such a model is not opened. Check where it comes from.");
    let fd: number;
    try {
      const real = realpathSync(path.join(root, location));
      if (!real.startsWith(root.endsWith(path.sep) ? root : root + path.sep)) throw refuse("which leads out of the model's folder");
      fd = openSync(real, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw refuse("which cannot be read", "Put that file beside the model.", error);
    }
    const stat = fstatSync(fd);
    const file = { fd, size: stat.size, taken: 0 };
    files.set(location, file);
    if (!stat.isFile()) throw refuse("which is no file");
    return file;
  };
  return {
    read: ({ location, offset, length = 0, tensor }) => {
      const file = open(location, tensor);
      if (offset + length > file.size)
        throw invalid(`Tensor "${tensor}" needs bytes ${offset} to ${offset + length} of "${location}", which has ${file.size}`);
      file.taken += length;
      if (file.taken > READS_OF_A_FILE * file.size) throw invalid(`The model's tensors overlap in "${location}" more than is plausible`);
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const read = readSync(file.fd, bytes, at, length - at, offset + at);
        if (read === 0) throw invalid(`"${location}" ended while it was read`);
        at += read;
      }
      return bytes;
    },
    close: () => {
      for (const { fd } of files.values()) closeSync(fd);
      files.clear();
    },
  };
}

/** Whether a location, as written, is a relative path without a step upwards. Both kinds of slashes count. */
export function isInside(location: string): boolean {
  if (location === "" || location.includes("\0") || path.posix.isAbsolute(location) || path.win32.isAbsolute(location)) return false;
  if (/^[a-z]:/i.test(location)) return false;
  return !location.split(/[\\/]/).includes("..");
}
