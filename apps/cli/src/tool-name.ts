import { readFileSync } from "node:fs";

/** Names this program in what it makes. */
export function toolName(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return `octet ${version}`;
}
