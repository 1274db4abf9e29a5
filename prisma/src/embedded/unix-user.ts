import { accessSync, constants, readFileSync, statSync } from "node:fs";
import path from "node:path";

export interface UnixUser {
  name: string;
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root: the user to run it as instead, or null where this process is not root. */
export function unprivilegedUser(): UnixUser | null {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  for (const wanted of ["postgres", "nobody"]) {
    const [name, , uid, gid] = lines.find((line) => line.startsWith(`${wanted}:`))?.split(":") ?? [];
    if (name && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    "Running as root, and there is neither a user `postgres` nor `nobody` to run PostgreSQL as. Create one, or set DATABASE_URL.",
  );
}

/** True where `user` may enter every folder down to `target` (or to its nearest existing parent) and read it. */
export function reachableBy(target: string, user: UnixUser): boolean {
  const parts = path.resolve(target).split(path.sep);
  for (let depth = 1; depth <= parts.length; depth++) {
    const folder = parts.slice(0, depth).join(path.sep) || path.sep;
    let stats: ReturnType<typeof statSync>;
    try {
      stats = statSync(folder);
    } catch {
      return true; // not there yet: whoever creates it decides
    }
    const shift = stats.uid === user.uid ? 6 : stats.gid === user.gid ? 3 : 0;
    const needed = depth === parts.length ? 0o5 : 0o1;
    if (((stats.mode >> shift) & needed) !== needed) return false;
  }
  return true;
}

/** First of `folders` that this process can create things in. */
export function firstWritable(folders: readonly string[]): string {
  for (const folder of folders) {
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
      return folder;
    } catch {
      // try the next one
    }
  }
  throw new Error(`None of ${folders.join(", ")} can be written to`);
}
