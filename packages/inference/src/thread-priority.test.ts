import os from "node:os";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";

it.runIf(process.platform === "linux")("lowers one thread and leaves the process as it is", async () => {
  const before = os.getPriority(process.pid);
  const nice = Math.min(19, before + 3);
  const code = `
    import { parentPort } from "node:worker_threads";
    import { register } from "tsx/esm/api";
    register();
    const { lowerThreadPriority } = await import(${JSON.stringify(new URL("./thread-priority.ts", import.meta.url).href)});
    parentPort.postMessage(lowerThreadPriority(${nice}));`;
  const worker = new Worker(
    new URL(`data:text/javascript,${encodeURIComponent(code.replace("tsx/esm/api", import.meta.resolve("tsx/esm/api")))}`),
    {
      execArgv: [],
    },
  );
  const lowered = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await worker.terminate();
  expect(lowered).toBe(true);
  expect(os.getPriority(process.pid)).toBe(before);
});
