import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { readModelFile, writeModelFile } from "@octet/onnx/io/model-file";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectModel } from "@octet/precision/inspect/inspect-model";
import { inspectionText, quantity } from "./report.ts";

describe("inspectModel", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "octet-inspect-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("says what the default detector is, takes, gives and weighs", async () => {
    const inspection = await inspectModel(defaultModelPath());
    expect(inspection).toMatchObject({ family: "retinaface", opsets: { "ai.onnx": 12 }, unrecognised: null, licence: { name: "MIT" } });
    expect(inspection.inputs).toEqual([{ name: "data", type: "float32", shape: [1, 3, 640, 640] }]);
    expect(inspection.outputs).toHaveLength(9);
    expect(inspection.stats).toMatchObject({ nodes: 172, parameters: 501776 });
    expect(inspection.stats.precisions).toEqual([{ precision: "float32", layers: 56, macs: inspection.stats.macs }]);
    const text = inspectionText(inspection);
    expect(text).toContain("501.78 k parameters, 1.08 G multiply-adds and 16.13 M activations an image");
    expect(text).toMatch(/float32 +56 +1\.08 G +100\.0 %/);
    expect(text).toContain("settle this before commercial use");
  });

  it("counts multiply-adds at the size that is fed where the model leaves it open", async () => {
    const model = await readModelFile(defaultModelPath());
    model.graph.inputs[0]!.shape = ["n", 3, "h", "w"];
    for (const output of model.graph.outputs) output.shape = null;
    model.graph.valueInfo.clear();
    const file = join(folder, "open.onnx");
    await writeModelFile(model, file);
    const [fixed, open] = [await inspectModel(defaultModelPath()), await inspectModel(file)];
    expect(open).toMatchObject({ countedAt: { width: 640, height: 640 }, inputs: [{ shape: ["n", 3, "h", "w"] }] });
    expect(open.stats.macs).toBe(fixed.stats.macs);
    expect(fixed.countedAt).toBeNull();
    expect(inspectionText(open)).toContain("activations an image of 640×640");
  });

  it("describes what is no known detector too, and lets no control character through", async () => {
    const model = await readModelFile(defaultModelPath());
    model.graph.outputs.length = 1;
    model.producerName = "evil\u001b[2J";
    const file = join(folder, "other.onnx");
    await writeModelFile(model, file);
    const inspection = await inspectModel(file);
    expect(inspection).toMatchObject({ family: null, licence: null, unrecognised: expect.stringContaining("RetinaFace") });
    expect(inspectionText(inspection)).not.toContain("\u001b");
  });

  it("refuses what is no model, or a broken one", async () => {
    await writeFile(join(folder, "text.onnx"), "this is no model\n");
    await expect(inspectModel(join(folder, "text.onnx"))).rejects.toMatchObject({ code: "MODEL_INVALID" });
    await expect(inspectModel(join(folder, "none.onnx"))).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    const model = await readModelFile(defaultModelPath());
    model.graph.initializers.delete("scalar_op1");
    await writeModelFile(model, join(folder, "broken.onnx"));
    await expect(inspectModel(join(folder, "broken.onnx"))).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: expect.stringContaining("scalar_op1"),
    });
  });
});

it("writes quantities in thousands", () => {
  expect([999, 1000, 1.5e6, 2.25e9].map(quantity)).toEqual(["999", "1.00 k", "1.50 M", "2.25 G"]);
});
