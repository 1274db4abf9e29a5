import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { TEMPLATE_VARIABLE, TestPostgres } from "./postgres.ts";

/**
 * vitest's `globalSetup` of suites that need databases: makes and migrates one, which each TestPostgres then begins as a copy
 * of. initdb takes seconds, and each test file has a server of its own.
 */
export default async function setup(): Promise<(() => void) | undefined> {
  // `cp` keeps the owner of the files, who is not always the one of the tests; fs.cp does not.
  if (process.platform === "win32") return undefined;
  const made = await TestPostgres.start();
  const home = await made.stopAndKeep();
  const remove = () => rmSync(home, { recursive: true, force: true });
  // Where its user cannot reach the folder, the database lies elsewhere, and a copy of the folder would be the same one.
  if (!existsSync(path.join(home, "data", "PG_VERSION"))) {
    remove();
    return undefined;
  }
  // Each copy finds a port of its own.
  rmSync(path.join(home, "port"), { force: true });
  process.env[TEMPLATE_VARIABLE] = home;
  return remove;
}
