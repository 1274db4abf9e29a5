// Entry of the benchmark's threads: a worker thread of Node 20 does not inherit the TypeScript loader of its parent.
// By `require`, as in @octet/inference's: the entry may not await at its top level.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { workerData } from "node:worker_threads";
// biome-ignore lint/correctness/noUndeclaredDependencies: tsx runs the whole program; it is declared at the root
import { register } from "tsx/cjs/api";

register();
createRequire(import.meta.url)(fileURLToPath(workerData.entry));
