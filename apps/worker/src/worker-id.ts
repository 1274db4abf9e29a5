import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

/** This host's name for itself, made once and kept, so that its cameras come back to it after a restart. */
export async function stableWorkerId(home: string): Promise<string> {
  const file = path.join(home, "worker-id");
  const known = (await readFile(file, "utf8").catch(() => "")).trim();
  if (known) return known;
  const id = randomUUID();
  await writeFile(file, `${id}\n`);
  return id;
}
