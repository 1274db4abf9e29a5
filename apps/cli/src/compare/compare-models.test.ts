import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import { convertOpset } from "@octet/onnx/passes/convert-opset";
import { foldBatchNorm } from "@octet/onnx/passes/fold-batch-norm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareModels } from "./compare-models.ts";
import { comparisonText } from "./report.ts";

const photo = join(dirname(createRequire(import.meta.url).resolve("@vladmandic/face-api/package.json")), "demo/sample5.jpg");

describe("compareModels", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "octet-compare-test-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const a = defaultModelPath();
  const compare = (b: string, memoryBytes?: number) =>
    compareModels({ a, b, images: [photo], confidence: 0.5, provider: "cpu", ...(memoryBytes === undefined ? {} : { memoryBytes }) });

  it("finds a model to be the same as itself", async () => {
    const { outputs, layers, detections } = await compare(a, 2 ** 30);
    expect(outputs).toHaveLength(9);
    expect([...outputs, ...layers].every(({ identical }) => identical)).toBe(true);
    expect(layers.length).toBeGreaterThan(140);
    expect(detections).toEqual({ matched: 5, onlyA: 0, onlyB: 0, meanIou: 1, meanScoreDelta: 0, maxScoreDelta: 0 });
  });

  it("measures noise from where it comes in, and counts what comes out of Q/DQ, in as many runs as memory asks for", async () => {
    const model = await readModelFile(a);
    foldBatchNorm()(model);
    convertOpset(13)(model);
    const { graph } = model;
    // The stem's activation, rounded to steps of 1/4: everything after it is noisy, nothing before.
    const relu = graph.nodes.find(({ opType }) => opType === "Relu")!;
    const value = relu.outputs[0]!;
    graph.addInitializer({ name: "step", dataType: "float32", dims: [], data: Float32Array.of(0.25) });
    graph.addInitializer({ name: "zero", dataType: "uint8", dims: [], data: Uint8Array.of(0) });
    const quantise = graph.addNode({ opType: "QuantizeLinear", inputs: [value, "step", "zero"], outputs: ["q"] });
    graph.addNode({ opType: "DequantizeLinear", inputs: ["q", "step", "zero"], outputs: ["dq"] });
    graph.replaceUses(value, "dq", (node) => node === quantise);
    graph.sort();
    const file = join(folder, "noisy.onnx");
    await writeModelFile(model, file);
    const comparison = await compare(file, 100e6);
    const stem = comparison.layers.find(({ name }) => name === value)!;
    expect(stem).toMatchObject({ nameInB: "dq", identical: false });
    expect(stem.maxAbs).toBeGreaterThan(0.12);
    expect(stem.sqnrDb!).toBeLessThan(60);
    const before = comparison.layers.find(({ name }) => name === relu.inputs[0])!;
    expect(before.sqnrDb!).toBeGreaterThan(80);
    for (const output of comparison.outputs) expect(output.sqnrDb!).toBeLessThan(80);
    expect(comparison.detections!.matched + comparison.detections!.onlyA).toBe(5);
    expect(comparisonText(comparison)).toMatch(/detections: \d of 5 in both/);
  });

  it("compares what two forms of an unknown model give, without detections", async () => {
    const model = await readModelFile(a);
    model.graph.outputs.length = 2;
    const less = join(folder, "less.onnx");
    await writeModelFile(model, less);
    await expect(compare(less)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("an unknown model") });
    const comparison = await compareModels({ a: less, b: less, images: [photo], confidence: 0.5, provider: "cpu" });
    expect(comparison).toMatchObject({ detections: null, warning: expect.stringContaining("fed RGB from 0 to 1 at 640×640") });
    expect(comparison.outputs).toHaveLength(2);
    expect(comparisonText(comparison)).not.toContain("detections:");
  });

  it("refuses what is not there", async () => {
    await expect(compare(join(folder, "none.onnx"))).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  });
});
