#!/usr/bin/env node
// `npm run worker`: one worker on this host, for a gateway elsewhere. Needs OCTET_URL and OCTET_WORKER_TOKEN.
import { spawn } from "node:child_process";
import path from "node:path";
import { checkNode, installDependencies } from "./lib/prepare.mjs";
import { root } from "./lib/root.mjs";

checkNode();
for (const name of ["OCTET_URL", "OCTET_WORKER_TOKEN"]) {
  if (process.env[name]) continue;
  process.stderr.write(`Set ${name}: the dashboard's URL is OCTET_URL, and a worker token is made under Settings → Tokens.\n`);
  process.exit(2);
}
await installDependencies((text) => process.stderr.write(`${text}\n`));
const child = spawn(process.execPath, ["--import", "tsx", path.join(root, "apps/worker/src/main.ts")], {
  cwd: root,
  stdio: "inherit",
  // libuv's pool cannot grow later: one thread a camera that may stall, and some to spare.
  env: {
    ...process.env,
    NODE_ENV: "production",
    OCTET_HOME: path.resolve(process.env.OCTET_HOME ?? path.join(root, ".octet-worker")),
    // So that OCTET_GPUS counts GPUs as nvidia-smi does.
    CUDA_DEVICE_ORDER: process.env.CUDA_DEVICE_ORDER ?? "PCI_BUS_ID",
    UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? "128",
  },
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill("SIGTERM"));
child.once("close", (code) => {
  process.exitCode = code ?? 1;
});
