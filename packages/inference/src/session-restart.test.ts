import { Worker } from "node:worker_threads";
import { expect, it, vi } from "vitest";
import { defaultModelPath } from "./builtin-models.ts";
import { SessionPool } from "./session-pool.ts";

it("restarts a thread that dies and rejects its run", async () => {
  const started: Worker[] = [];
  const post = vi.spyOn(Worker.prototype, "postMessage").mockImplementationOnce(function (this: Worker) {
    // The run never reaches the thread, which dies idle: ending one inside ONNX Runtime would abort the process.
    started.push(this);
    void this.terminate();
  });
  const input = { name: "data", width: 640, height: 640, mean: 0, scale: 1 };
  await using pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input });
  const frame = () => new Uint8Array(3 * 640 * 640);
  await expect(pool.run([frame()])).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
  expect(started).toHaveLength(1);
  await expect(pool.run([frame()])).resolves.toBeDefined();
  post.mockRestore();
});
