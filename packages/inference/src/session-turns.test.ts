import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { turnsFor } from "./session-turns.ts";

it("lets one thread work at a time", async () => {
  const ROUNDS = 300;
  const counter = new SharedArrayBuffer(4);
  const turns = turnsFor("webgpu");
  expect(turns).toBeDefined();
  // Reads, lets the others run, and writes: what another adds meanwhile would be lost.
  const code = `
    import { parentPort, workerData } from "node:worker_threads";
    import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))};
    register();
    const { inTurn } = await import(${JSON.stringify(new URL("./session-turns.ts", import.meta.url).href)});
    const count = new Int32Array(workerData.counter);
    for (let round = 0; round < ${ROUNDS}; round++)
      await inTurn(workerData.turns, async () => {
        const before = count[0];
        await new Promise((resolve) => setImmediate(resolve));
        count[0] = before + 1;
      });
    parentPort.postMessage("done");`;
  const threads = [1, 2, 3].map(
    () => new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { execArgv: [], workerData: { counter, turns } }),
  );
  await Promise.all(
    threads.map(
      (thread) =>
        new Promise((resolve, reject) => {
          thread.once("error", reject);
          thread.once("exit", resolve);
        }),
    ),
  );
  expect(new Int32Array(counter)[0]).toBe(3 * ROUNDS);
});

it("is for those providers alone whose sessions need it", () => {
  expect(turnsFor("cpu")).toBeUndefined();
  expect(turnsFor("cuda")).toBeUndefined();
});
