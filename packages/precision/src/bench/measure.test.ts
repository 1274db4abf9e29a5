import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { tinyModel } from "@octet/inference/tiny-model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureModels } from "./measure.ts";
import { type BenchModel, benchInputs, loadBenchModel } from "./model-inputs.ts";
import { randomTensor } from "./random-tensor.ts";

describe("measureModels", () => {
  let folder: string;
  let tiny: BenchModel;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-bench-"));
    await writeFile(path.join(folder, "tiny.onnx"), tinyModel());
    tiny = await loadBenchModel(path.join(folder, "tiny.onnx"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("measures every model in every round and thread, and skips a batch that a model does not take", async () => {
    let turns = 0;
    const cells = await measureModels([tiny, tiny], { batch: 4, threads: 2, seconds: 0.01, rounds: 3, onProgress: () => turns++ });
    expect(turns).toBe(6);
    expect(cells.map(({ skipped }) => skipped)).toEqual([null, null]);
    for (const { measured } of cells) {
      expect(measured!.runs).toBeGreaterThanOrEqual(3 * 2 * 2);
      expect(measured!.p50).toBeLessThanOrEqual(measured!.p95);
      expect(measured!.p95).toBeLessThanOrEqual(measured!.p99);
      expect(measured!.throughput).toBeGreaterThan(0);
    }
    expect(cells[0]!.measured!.ratio).toBe(1);
    const [skipped] = await measureModels([tiny], { batch: 2, threads: 1, seconds: 0.01, rounds: 1 });
    expect(skipped).toMatchObject({ measured: null, skipped: "its batch is fixed at 4" });
  });

  it("names the model that fails", async () => {
    const gone = { ...tiny, path: path.join(folder, "gone.onnx") };
    await expect(measureModels([tiny, gone], { batch: 4, threads: 1, seconds: 0.01, rounds: 1 })).rejects.toMatchObject({
      code: "INFERENCE_FAILED",
      message: expect.stringContaining("gone.onnx"),
    });
  });
});

describe("benchInputs", () => {
  const model = (shape: (number | string | null)[]): BenchModel => ({
    name: "x",
    path: "x.onnx",
    sizeBytes: 1,
    signature: { inputs: [{ name: "image", type: "float32", shape }], outputs: [] },
  });

  it("fills in what is not fixed", () => {
    expect(benchInputs(model(["N", 3, "h", null]), 4)).toEqual([
      { name: "image", type: "float32", dims: [4, 3, 640, 640], low: 0, high: 1 },
    ]);
    expect(benchInputs(model([null, "length"]), 2)).toMatchObject([{ dims: [2, 1] }]);
    expect(benchInputs(model([1, 3, 8, 8]), 2)).toBe("its batch is fixed at 1");
  });
});

describe("randomTensor", () => {
  it("draws the same noise from the same seed, within its range", () => {
    const input = { name: "x", type: "float32", dims: [2, 50], low: -1, high: 3 };
    const values = [...(randomTensor(input, 1).data as Float32Array)];
    expect(values).toEqual([...(randomTensor(input, 1).data as Float32Array)]);
    expect(values.every((value) => value >= -1 && value <= 3)).toBe(true);
    expect(new Set(values).size).toBeGreaterThan(90);
    for (const type of ["uint8", "int8", "int32", "int64", "float16", "bool"])
      expect(randomTensor({ ...input, type }, 1)).toMatchObject({ type, dims: [2, 50] });
    expect(() => randomTensor({ ...input, type: "string" }, 1)).toThrow("of type string");
  });
});
