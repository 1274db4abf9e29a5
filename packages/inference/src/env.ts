import os from "node:os";
import path from "node:path";

/** Folders in which the loader looks for libraries, besides the system's. */
export function libraryFolders(): string[] {
  return (process.env.LD_LIBRARY_PATH ?? "").split(":").filter(Boolean);
}

/** Where TensorRT's engines are kept unless a caller says otherwise. */
export function engineRoot(): string {
  return path.join(process.env.OCTET_HOME || path.join(os.tmpdir(), "octet"), "engines");
}
