// Entry of a job's process. Cameras come first: this process gives way to the live path wherever both want a core.
import { readdirSync } from "node:fs";
import os from "node:os";

// A third of the weight of live inference, which has 4: cameras come first, but a job still ends on a host whose cores are all in use.
const NICE = 9;

// Linux has a priority for each thread, and those that Node has started already keep theirs.
let threads = [0];
try {
  threads = readdirSync("/proc/self/task").map(Number);
} catch {
  // No Linux: the process has one.
}
for (const thread of threads) {
  try {
    os.setPriority(thread, NICE);
  } catch {
    // A thread that has ended meanwhile, or a host that does not let us: then at the worker's own priority.
  }
}

// biome-ignore lint/correctness/noUndeclaredDependencies: tsx runs the whole program; it is declared at the root
const { register } = await import("tsx/esm/api");
register();
await import(new URL("./job-process.ts", import.meta.url).href);
