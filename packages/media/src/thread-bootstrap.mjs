/**
 * Entry of a media thread. A worker thread of Node 20 does not inherit the TypeScript loader of its parent
 * (neither tsx's nor vitest's), so each registers tsx itself before it imports the TypeScript entry.
 */
import { workerData } from "node:worker_threads";
// biome-ignore lint/correctness/noUndeclaredDependencies: tsx runs the whole program; it is declared at the root
import { register } from "tsx/esm/api";

register();
await import(workerData.entry);
