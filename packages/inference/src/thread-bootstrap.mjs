/**
 * Entry of every thread and probe process of this package. A worker thread of Node 20 does not inherit the TypeScript
 * loader of its parent (neither tsx's nor vitest's), so each registers tsx itself and loads the TypeScript entry:
 * `workerData.entry` in a thread, the first argument in a process. By `require`, for which tsx needs no second thread:
 * that is half of what a start takes. An entry may therefore not await at its top level.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread, workerData } from "node:worker_threads";
// biome-ignore lint/correctness/noUndeclaredDependencies: tsx runs the whole program; it is declared at the root
import { register } from "tsx/cjs/api";

register();
createRequire(import.meta.url)(fileURLToPath(isMainThread ? process.argv[2] : workerData.entry));
