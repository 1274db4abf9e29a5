/**
 * Entry of every thread and probe process of this package. A worker thread of Node 20 does not inherit the TypeScript
 * loader of its parent (neither tsx's nor vitest's), so each registers tsx itself and imports the TypeScript entry:
 * `workerData.entry` in a thread, the first argument in a process.
 */
import { isMainThread, workerData } from "node:worker_threads";
// biome-ignore lint/correctness/noUndeclaredDependencies: tsx runs the whole program; it is declared at the root
import { register } from "tsx/esm/api";

register();
await import(isMainThread ? process.argv[2] : workerData.entry);
