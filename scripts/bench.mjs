#!/usr/bin/env node
// `npm run bench -- NAME`: runs benchmarks/NAME.bench.ts.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { buildWeb, checkNode, generateClient, installDependencies } from "./lib/prepare.mjs";
import { root } from "./lib/root.mjs";

checkNode();
/** Benchmarks that run a whole site, and so need the web app as it is deployed. */
const wholeSite = new Set(["pipeline", "failover"]);
const name = process.argv[2] ?? "";
const folder = path.join(root, "benchmarks");
const known = readdirSync(folder).flatMap((file) => file.match(/^(.*)\.bench\.ts$/)?.[1] ?? []);
if (!known.includes(name) || !existsSync(path.join(folder, `${name}.bench.ts`))) {
  process.stderr.write(`Usage: npm run bench -- NAME\nBenchmarks: ${known.join(", ")}\n`);
  process.exit(2);
}
const say = (text) => process.stderr.write(`${text}\n`);
await installDependencies(say);
await generateClient(say);
if (wholeSite.has(name)) await buildWeb(say);
const child = spawn(process.execPath, ["--import", "tsx", path.join(folder, `${name}.bench.ts`), ...process.argv.slice(3)], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? "64" },
});
child.once("close", (code) => {
  process.exitCode = code ?? 1;
});
