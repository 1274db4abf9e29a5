#!/usr/bin/env node
// Runs the TypeScript program from any folder. tsx is found from here, and so is its tsconfig.
import { fileURLToPath } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error UNSUPPORTED: Octet needs Node 20.19 or newer; this is ${process.versions.node}\n`);
  process.exit(2);
}
try {
  // biome-ignore lint/correctness/noUndeclaredDependencies: tsx runs the whole program; it is declared at the root
  const { register } = await import("tsx/esm/api");
  register({ tsconfig: fileURLToPath(new URL("../../../tsconfig.json", import.meta.url)) });
} catch {
  process.stderr.write("error NOT_FOUND: Octet's packages are not installed\nRun `npm install` in Octet's folder.\n");
  process.exit(2);
}
const { main } = await import("../src/main.ts");
await main(process.argv.slice(2));
