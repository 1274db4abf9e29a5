import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where demo clips lie for tests and benchmarks: they are made once a clone, not once a test. */
export function sharedClips(): string {
  const folder = path.join(fileURLToPath(new URL("../../../", import.meta.url)), ".cache", "clips");
  mkdirSync(folder, { recursive: true });
  return folder;
}
