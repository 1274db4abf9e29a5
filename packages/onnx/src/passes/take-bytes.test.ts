import path from "node:path";
import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { readModelFile } from "../io/model-file.ts";
import { addInput, addOp, addOutput, newModel } from "../testing/build-graph.ts";
import { detectorFiles } from "../testing/detectors.ts";
import { randomFrom, runModel, worstDifference } from "../testing/run-model.ts";
import { dropInitializerInputs } from "./initializer-inputs.ts";
import { takeBytes } from "./take-bytes.ts";

const DIMS = [1, 3, 4, 4];

function tiny() {
  const model = newModel(13);
  addInput(model, "image", [...DIMS]);
  addOutput(model, addOp(model, "Add", [addOp(model, "Relu", ["image"], "r"), "image"], "y"));
  return model;
}
function quantised(step: number, zeroPoint: number) {
  const model = newModel(13);
  addInput(model, "image", [...DIMS]);
  model.graph.addInitializer({ name: "step", dataType: "float32", dims: [], data: Float32Array.of(step) });
  model.graph.addInitializer({ name: "zero", dataType: "uint8", dims: [], data: Uint8Array.of(zeroPoint) });
  const q = addOp(model, "QuantizeLinear", ["image", "step", "zero"], "q");
  addOutput(model, addOp(model, "DequantizeLinear", [q, "step", "zero"], "y"));
  return model;
}
const everyByte = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 37) % 256);

describe("takeBytes", () => {
  it.each([
    [0, 1],
    [127.5, 1 / 128],
    [0, 1 / 255],
  ])("computes (byte − %f) · %f as outside of the graph", async (mean, scale) => {
    const bytes = everyByte(48);
    const floats = Float32Array.from(bytes, (byte) => (byte - mean) * scale);
    const expected = await runModel(tiny(), { image: new Tensor("float32", floats, DIMS) });
    const model = tiny();
    takeBytes({ input: "image", mean, scale })(model);
    expect(model.graph.inputs[0]).toMatchObject({ name: "image", dataType: "uint8" });
    const found = await runModel(model, { image: new Tensor("uint8", bytes, DIMS) });
    // One unit in the last place of values up to 2, where 1/255 itself is not exact.
    expect(worstDifference(expected, found)).toBeLessThanOrEqual(scale === 1 / 255 ? 2.4e-7 : 0);
  });

  it.each<[number, number, number, number]>([
    [0, 1 / 255, Math.fround(1 / 255), 0],
    [127, 1 / 128, 1 / 128, 127],
    [0, 1, 1, 0],
  ])("reads bytes as they are where (byte − %f) · %f is quantised to them", async (mean, scale, step, zeroPoint) => {
    const model = quantised(step, zeroPoint);
    const bytes = everyByte(48);
    const floats = Float32Array.from(bytes, (byte) => (byte - mean) * scale);
    const expected = await runModel(model, { image: new Tensor("float32", floats, DIMS) });
    expect(takeBytes({ input: "image", mean, scale })(model)).toBe(true);
    expect(model.graph.nodes.map(({ opType }) => opType)).toEqual(["DequantizeLinear"]);
    expect(worstDifference(expected, await runModel(model, { image: new Tensor("uint8", bytes, DIMS) }))).toBe(0);
  });

  it("makes floats of them where steps or the zero point are others, or somebody else reads the image", () => {
    const other = quantised(1 / 128, 128);
    expect(takeBytes({ input: "image", mean: 127.5, scale: 1 / 128 })(other)).toBe(false);
    const clipped = quantised(0.9 / 255, 0);
    expect(takeBytes({ input: "image", mean: 0, scale: 1 / 255 })(clipped)).toBe(false);
    const both = quantised(Math.fround(1 / 255), 0);
    addOutput(both, addOp(both, "Relu", ["image"], "r"));
    expect(takeBytes({ input: "image", mean: 0, scale: 1 / 255 })(both)).toBe(false);
    expect(both.graph.nodes.map(({ opType }) => opType)).toEqual(["Cast", "Mul", "DequantizeLinear", "Relu"]);
  });

  it("refuses what is no float input", () => {
    expect(() => takeBytes({ input: "other", mean: 0, scale: 1 })(tiny())).toThrow(expect.objectContaining({ code: "MODEL_UNSUPPORTED" }));
    const model = tiny();
    takeBytes({ input: "image", mean: 0, scale: 1 })(model);
    expect(() => takeBytes({ input: "image", mean: 0, scale: 1 })(model)).toThrow(/uint8, not float32/);
  });
});

it.each(
  detectorFiles()
    .slice(0, 1)
    .map((file) => [path.basename(file), file]),
)("%s gives the same for bytes, bit by bit", async (_name, file) => {
  const model = await readModelFile(file);
  dropInitializerInputs()(model);
  const { name, shape } = model.graph.inputs[0]!;
  const dims = shape!.map((dim) => (typeof dim === "number" ? dim : 1));
  const random = randomFrom(3);
  const bytes = Uint8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random() * 256);
  const expected = await runModel(model, { [name]: new Tensor("float32", Float32Array.from(bytes), dims) });
  takeBytes({ input: name, mean: 0, scale: 1 })(model);
  expect(worstDifference(expected, await runModel(model, { [name]: new Tensor("uint8", bytes, dims) }))).toBe(0);
});
