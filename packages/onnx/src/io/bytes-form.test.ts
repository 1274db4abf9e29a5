import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Model } from "../ir/model.ts";
import { addInput, addOp, addOutput, intTensor, newModel } from "../testing/build-graph.ts";
import { chooseForm } from "./bytes-form.ts";
import { readModelFile, writeModelFile } from "./model-file.ts";

describe("chooseForm", () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-form-"));
    file = path.join(folder, "model.onnx");
    const model = newModel(13);
    addInput(model, "image", [1, 3, 4, 4]);
    addOutput(model, addOp(model, "Relu", ["image"], "y"));
    await writeModelFile(model, file);
  });
  afterAll(() => rm(folder, { recursive: true }));
  const scaled = { name: "image", mean: 127, scale: 1 / 128 };
  const unscaled = { ...scaled, mean: 0, scale: 1 };

  it.each([
    ["a CPU gains nothing", "cpu", unscaled],
    ["it runs elsewhere", "coreml", scaled],
  ])("leaves a model as it is where %s", async (_, provider, input) => {
    const to = path.join(folder, "none.onnx");
    expect(await chooseForm(provider, file, to, input)).toEqual({ modelPath: file, input, anyBatch: false, refusal: null });
    expect(existsSync(to)).toBe(false);
  });

  it("writes the form that takes bytes where a CPU gains by it", async () => {
    const to = path.join(folder, "bytes.onnx");
    expect(await chooseForm("cpu", file, to, scaled)).toEqual({
      modelPath: to,
      input: { ...scaled, takesBytes: true },
      anyBatch: false,
      refusal: null,
    });
    expect((await readModelFile(to)).graph.inputs).toMatchObject([{ name: "image", dataType: "uint8", shape: [1, 3, 4, 4] }]);
  });

  /** The form that a CPU is given of a model that does nothing to its input, which takes bytes. */
  async function formOnCpu(model: Model, name: string): Promise<Model> {
    const own = path.join(folder, `${name}.onnx`);
    const to = path.join(folder, `${name}-bytes.onnx`);
    await writeModelFile(model, own);
    expect(await chooseForm("cpu", own, to, unscaled)).toMatchObject({ modelPath: to, input: { takesBytes: true }, refusal: null });
    return readModelFile(to);
  }

  it("takes weights off the list of inputs on a CPU, even where there is nothing to compute", async () => {
    const model = await readModelFile(file);
    model.graph.addInitializer({ name: "slope", dataType: "float32", dims: [1], data: Float32Array.of(0.5) });
    addInput(model, "slope", [1]);
    model.graph.outputs.length = 0;
    addOutput(model, addOp(model, "Mul", ["image", "slope"], "z"));
    expect((await formOnCpu(model, "listed")).graph.inputs.map(({ name }) => name)).toEqual(["image"]);
  });

  it("gives bytes to an 8-bit model on a CPU, even where there is nothing to compute", async () => {
    const model = newModel(13);
    addInput(model, "image", [1, 3, 4, 4]);
    model.graph.addInitializer({ name: "step", dataType: "float32", dims: [], data: Float32Array.of(1) });
    model.graph.addInitializer({ name: "zero", dataType: "uint8", dims: [], data: Uint8Array.of(0) });
    const q = addOp(model, "QuantizeLinear", ["image", "step", "zero"], "q");
    addOutput(model, addOp(model, "DequantizeLinear", [q, "step", "zero"], "y"));
    expect((await formOnCpu(model, "integer")).graph.nodes.map(({ opType }) => opType)).toEqual(["DequantizeLinear"]);
  });

  it("takes bytes and any batch on a GPU, and says the precision", async () => {
    const to = path.join(folder, "gpu.onnx");
    const chosen = await chooseForm("tensorrt", file, to, unscaled);
    expect(chosen).toEqual({ modelPath: to, input: { ...unscaled, takesBytes: true }, anyBatch: true, precision: "fp32", refusal: null });
    expect((await readModelFile(to)).graph.inputs).toMatchObject([{ dataType: "uint8", shape: ["batch", 3, 4, 4] }]);
  });

  it("leaves the batch alone on a GPU where images' results would run together", async () => {
    const model = await readModelFile(file);
    const flat = path.join(folder, "flat.onnx");
    model.graph.addInitializer(intTensor("shape", [2], [-1, 4]));
    model.graph.outputs.length = 0;
    addOutput(model, addOp(model, "Reshape", ["image", "shape"], "z"));
    await writeModelFile(model, flat);
    expect(await chooseForm("cuda", flat, path.join(folder, "flat-gpu.onnx"), scaled)).toMatchObject({ anyBatch: false, refusal: null });
  });

  it("runs a model as it is that has no such form, and says why", async () => {
    const input = { ...scaled, name: "other" };
    const chosen = await chooseForm("cpu", file, path.join(folder, "other.onnx"), input);
    expect(chosen).toEqual({ modelPath: file, input, anyBatch: false, refusal: expect.objectContaining({ code: "MODEL_UNSUPPORTED" }) });
  });
});
