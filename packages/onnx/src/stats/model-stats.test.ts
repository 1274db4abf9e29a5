import { expect, it } from "vitest";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "../testing/build-graph.ts";
import { modelStats } from "./model-stats.ts";

it("counts multiplications, parameters and bytes, for a batch of 1", () => {
  const model = newModel();
  addInput(model, "x", ["batch", 4, 8, 8]);
  model.graph.addInitializer(floatTensor("w", [6, 2, 3, 3], () => 1));
  model.graph.addInitializer(floatTensor("b", [6], () => 1));
  model.graph.addInitializer(floatTensor("t", [6, 1, 2, 2], () => 1));
  model.graph.addInitializer(floatTensor("m", [16, 5], () => 1));
  model.graph.addInitializer(floatTensor("two", [], [2]));
  model.graph.addInitializer(intTensor("target", [4], [0, 6, 16, 16]));
  addOp(model, "Conv", ["x", "w", "b"], "c", { group: 2, pads: [1, 1, 1, 1] });
  addOp(model, "ConvTranspose", ["c", "t"], "d", { group: 6, strides: [2, 2] });
  addOp(model, "Reshape", ["d", "target"], "e");
  addOp(model, "Mul", ["e", "two"], "f");
  addOp(model, "MatMul", ["f", "m"], "y");
  addOutput(model, "y");
  const stats = modelStats(model);
  // Conv: 6·8·8 outputs of 2·3·3; ConvTranspose: 6·8·8 inputs of 1·2·2; MatMul: 6·16·5 outputs of 16.
  expect(stats.layers.map(({ macs }) => macs)).toEqual([6 * 64 * 18, 6 * 64 * 4, 6 * 16 * 5 * 16]);
  expect(stats.macs).toBe(6 * 64 * 22 + 6 * 16 * 80);
  // The layers' outputs; the reshape and the product with a constant are fused.
  expect(stats.layerElements).toBe(6 * 64 + 6 * 256 + 6 * 80);
  expect(stats.parameters).toBe(108 + 6 + 24 + 80);
  expect(stats.tensorBytes).toBe((108 + 6 + 24 + 80 + 1) * 4 + 32);
  expect(stats.precisions).toEqual([{ precision: "float32", layers: 3, macs: stats.macs }]);
  expect(stats.ops[0]).toEqual({ opType: "Conv", count: 1 });
});

it("tells int8 layers, int8 weights, float16 and float32 apart", () => {
  const model = newModel(19);
  addInput(model, "x", [1, 1, 4, 4]);
  const scale = model.graph.addInitializer(floatTensor("scale", [], [0.1])).name;
  const zero = model.graph.addInitializer({ name: "zero", dataType: "uint8", dims: [], data: Uint8Array.of(128) }).name;
  model.graph.addInitializer({ name: "w8", dataType: "int8", dims: [1, 1, 1, 1], data: Int8Array.of(5) });
  model.graph.addInitializer({ name: "w16", dataType: "float16", dims: [1, 1, 1, 1], data: Uint16Array.of(0x3c00) });
  model.graph.addInitializer(floatTensor("w32", [1, 1, 1, 1], [1]));
  addOp(model, "QuantizeLinear", ["x", scale, zero], "q");
  addOp(model, "DequantizeLinear", ["q", scale, zero], "dq");
  addOp(model, "DequantizeLinear", ["w8", scale], "dw");
  addOp(model, "Conv", ["dq", "dw"], "a");
  addOp(model, "Conv", ["a", "dw"], "b");
  addOp(model, "Conv", ["b", "w32"], "c");
  addOp(model, "Cast", ["c"], "half", { to: 10 });
  addOp(model, "Conv", ["half", "w16"], "y");
  addOp(model, "QLinearConv", ["q", scale, zero, "w8", scale, "w8zero", scale, zero], "z");
  model.graph.addInitializer({ name: "w8zero", dataType: "int8", dims: [], data: Int8Array.of(0) });
  addOutput(model, "y", null, "float16");
  addOutput(model, "z", null, "uint8");
  const stats = modelStats(model);
  expect(stats.layers.map(({ precision }) => precision)).toEqual(["int8", "int8-weights", "float32", "float16", "int8"]);
  expect(stats.parameters).toBe(3);
  expect(stats.weights.map(({ dataType, elements, bytes }) => [dataType, elements, bytes])).toEqual([
    ["float32", 1, 4],
    ["float16", 1, 2],
    ["int8", 1, 1],
  ]);
});
