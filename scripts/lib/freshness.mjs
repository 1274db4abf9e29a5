// Is what was made (dependencies, the Prisma client, the web build) made from what is here now?
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./root.mjs";

/** What is made, and not what it is made from: the web build writes next-env.d.ts. */
const skip = new Set(["node_modules", ".next", "generated", "test-results", "next-env.d.ts"]);

function* filesBelow(entry) {
  const full = path.join(root, entry);
  if (!existsSync(full)) return;
  let children;
  try {
    children = readdirSync(full, { withFileTypes: true });
  } catch (error) {
    if (error.code !== "ENOTDIR") throw error;
    yield entry;
    return;
  }
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!skip.has(child.name) && !/\.test\.tsx?$/.test(child.name)) yield* filesBelow(path.join(entry, child.name));
  }
}

/** sha256 over names and contents of all files below `entries`, and over `extra`. */
export function fingerprint(entries, extra = "") {
  const hash = createHash("sha256").update(`${process.version} ${process.platform} ${extra}`);
  for (const entry of entries)
    for (const file of filesBelow(entry))
      hash
        .update(file)
        .update("\0")
        .update(readFileSync(path.join(root, file)))
        .update("\0");
  return hash.digest("hex");
}

/** Runs `make` unless `marker` says that the same fingerprint was made already. Returns whether it ran. */
export async function makeIfStale(marker, print, make) {
  const file = path.join(root, marker);
  if (existsSync(file) && readFileSync(file, "utf8") === print) return false;
  await make();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, print);
  return true;
}
