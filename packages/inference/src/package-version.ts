import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The version of a package that this one depends on. */
export function packageVersion(name: string): string {
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    return "not installed";
  }
}
