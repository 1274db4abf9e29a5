// Entry of the benchmark's threads: a worker thread of Node 20 does not inherit the TypeScript loader of its parent.
import { workerData } from "node:worker_threads";
// biome-ignore lint/correctness/noUndeclaredDependencies: tsx runs the whole program; it is declared at the root
import { register } from "tsx/esm/api";

register();
await import(workerData.entry);
