import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import { dropInitializerInputs } from "@octet/onnx/passes/initializer-inputs";
import { takeBytes } from "@octet/onnx/passes/take-bytes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultModelPath } from "./builtin-models.ts";
import { SessionPool } from "./session-pool.ts";

const input = { name: "data", width: 640, height: 640, mean: 0, scale: 1 };
const frame = (value: number) => new Uint8Array(3 * 640 * 640).fill(value);

describe("SessionPool", () => {
  let pool: SessionPool;
  beforeAll(async () => {
    pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 2, input });
  });
  afterAll(() => pool.close());

  it("runs batches and hands the buffers back", async () => {
    const bytes = frame(100);
    const run = await pool.run([bytes]);
    expect(bytes.length, "was transferred").toBe(0);
    expect(run.returned[0]).toHaveLength(3 * 640 * 640);
    expect(run.returned[0]![5]).toBe(100);
    expect(run.outputs["face_rpn_cls_prob_reshape_stride8"]?.dims).toEqual([1, 4, 80, 80]);
    expect(run.inferMs).toBeGreaterThan(0);
  });

  it("uses all threads at once, queues what is more, and says when one is idle", async () => {
    let calls = 0;
    pool.onIdle = () => calls++;
    expect(pool.idle).toBe(2);
    const runs = [1, 2, 3, 4, 5].map((value) => pool.run([frame(value)]));
    expect(pool.idle).toBe(0);
    expect(pool.queued).toBe(3);
    const results = await Promise.all(runs);
    pool.onIdle = null;
    expect(results.map(({ returned }) => returned[0]![0])).toEqual([1, 2, 3, 4, 5]);
    expect(results[4]!.waitMs).toBeGreaterThan(results[0]!.waitMs);
    expect(results[4]!.handOverMs, "of the run before").toBeGreaterThan(0);
    expect(calls).toBeGreaterThan(0);
    expect(pool.takeBusyShare()).toBeGreaterThan(0);
  });

  it("gives the same answer in every thread and does not block the event loop", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 2);
    const [a, b] = await Promise.all([pool.run([frame(7)]), pool.run([frame(7)])]);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(2);
    expect(a.outputs).toEqual(b.outputs);
  });

  it("refuses a frame of the wrong size and an empty batch", async () => {
    await expect(pool.run([new Uint8Array(10)])).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(pool.run([])).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  it("reports a batch that the model cannot take, and goes on", async () => {
    await expect(pool.run([frame(1), frame(2)])).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
    await expect(pool.run([frame(1)])).resolves.toBeDefined();
  });
});

describe("SessionPool with memory that is used again", () => {
  const head = "face_rpn_cls_prob_reshape_stride8";

  it("gives outputs in shared memory, which a later run gets once they are released", async () => {
    await using pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input });
    const own = await pool.run([frame(7)]);
    expect(own.outputs[head]!.data.buffer).toBeInstanceOf(ArrayBuffer);
    const first = await pool.run([frame(7)], { reuse: true });
    expect(first.outputs).toEqual(own.outputs);
    // Held, it stays as it is.
    const second = await pool.run([frame(200)], { reuse: true });
    expect(second.outputs).not.toEqual(own.outputs);
    expect(first.outputs).toEqual(own.outputs);
    first.release();
    first.release();
    const third = await pool.run([frame(200)], { reuse: true });
    expect(third.outputs).toEqual(second.outputs);
    expect(first.outputs, "its memory is the third run's").toEqual(second.outputs);
    const fourth = await pool.run([frame(7)], { reuse: true });
    expect(third.outputs, "released twice, given once").toEqual(second.outputs);
    expect(fourth.outputs).toEqual(own.outputs);
  });

  it("reads images from shared memory, and leaves them where they are", async () => {
    await using pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input });
    const shared = new Uint8Array(new SharedArrayBuffer(3 * 640 * 640)).fill(100);
    const [own, run] = [await pool.run([frame(100)]), await pool.run([shared])];
    expect(run.outputs).toEqual(own.outputs);
    expect(shared).toHaveLength(3 * 640 * 640);
    run.returned[0]![0] = 1;
    expect(shared[0]).toBe(1);
  });
});

describe("SessionPool with prefetch", () => {
  it("hands a thread its next batch before it has ended the one under way, in order", async () => {
    await using pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input, prefetch: 1 });
    expect(pool.capacity).toBe(2);
    const runs = [1, 2, 3].map((value) => pool.run([frame(value)]));
    expect(pool.queued).toBe(1);
    const results = await Promise.all(runs);
    expect(results.map(({ returned }) => returned[0]![0])).toEqual([1, 2, 3]);
    expect(results[1]!.waitMs, "lying behind another batch is waiting").toBeGreaterThan(results[0]!.waitMs);
  });
});

describe("SessionPool that looks where nodes run", () => {
  it("has run each batch size before it is ready, and says which provider ran the nodes", async () => {
    await using pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input, warmUp: [1], inspect: true });
    const { nodes } = pool.placement!;
    expect(Object.keys(nodes)).toEqual(["CPUExecutionProvider"]);
    expect(nodes.CPUExecutionProvider).toBeGreaterThan(20);
    expect(pool.warmUpMs).toBeGreaterThan(0);
    expect(pool.fault).toBeNull();
    await expect(pool.run([frame(1)])).resolves.toBeDefined();
  });

  it("does not become ready on a batch that the model cannot take", async () => {
    const created = SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input, warmUp: [2] });
    await expect(created).rejects.toMatchObject({ name: "AppError" });
  });
});

describe("SessionPool.close", () => {
  it("lets the run under way end and rejects what waits", async () => {
    const pool = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input });
    const running = pool.run([frame(1)]);
    const waiting = pool.run([frame(2)]).catch((error: unknown) => error);
    await Promise.all([pool.close(), pool.close()]);
    await expect(running).resolves.toBeDefined();
    expect(await waiting).toMatchObject({ code: "INFERENCE_FAILED" });
    await expect(pool.run([frame(3)])).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
    expect(pool.idle).toBe(0);
  });
});

describe("SessionPool.create", () => {
  it("refuses a broken model", async () => {
    const folder = await mkdtemp(join(tmpdir(), "octet-"));
    const modelPath = join(folder, "broken.onnx");
    await writeFile(modelPath, Uint8Array.from([8, 7, 255, 255, 0, 1]));
    await expect(SessionPool.create({ modelPath, threads: 2, input })).rejects.toMatchObject({ code: "MODEL_INVALID" });
    await rm(folder, { recursive: true });
  });

  it("fails where the provider is missing, instead of running elsewhere", async () => {
    const created = SessionPool.create({ modelPath: defaultModelPath(), threads: 1, provider: "coreml", input });
    await expect(created).rejects.toMatchObject({ code: "PROVIDER_UNAVAILABLE" });
  });
});

describe("SessionPool of a graph that takes bytes", () => {
  it("gives what the same model gives for floats, one frame and the next", async () => {
    const folder = await mkdtemp(join(tmpdir(), "octet-"));
    const modelPath = join(folder, "bytes.onnx");
    const model = await readModelFile(defaultModelPath());
    dropInitializerInputs()(model);
    takeBytes({ input: input.name, mean: input.mean, scale: input.scale })(model);
    await writeModelFile(model, modelPath);
    const picture = () => Uint8Array.from({ length: 3 * 640 * 640 }, (_, at) => (at * 31) % 251);
    await using floats = await SessionPool.create({ modelPath: defaultModelPath(), threads: 1, input });
    await using bytes = await SessionPool.create({ modelPath, threads: 1, input: { ...input, takesBytes: true } });
    const expected = await floats.run([picture()]);
    for (let count = 0; count < 2; count++) {
      const found = await bytes.run([picture()]);
      // Buffers, since comparing arrays element by element takes half a minute.
      for (const [name, { dims, data }] of Object.entries(expected.outputs)) {
        expect(found.outputs[name]!.dims).toEqual(dims);
        expect(Buffer.from(found.outputs[name]!.data.buffer).equals(Buffer.from(data.buffer)), name).toBe(true);
      }
      expect(Buffer.from(found.returned[0]!).equals(Buffer.from(picture()))).toBe(true);
    }
    await rm(folder, { recursive: true });
  });
});
