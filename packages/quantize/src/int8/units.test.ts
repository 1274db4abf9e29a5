import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, floatTensor, intTensor, newModel } from "@octet/onnx/testing/build-graph";
import { describe, expect, it } from "vitest";
import { findHeads } from "./heads.ts";
import { prepareFloat } from "./prepare.ts";
import { decideByRule } from "./quantize-model.ts";
import { addConv, imageSize, residualNetwork } from "./testing/residual-network.ts";
import { findUnits } from "./units.ts";

/** Units of a graph of one convolution and what `add` puts after it. */
function unitsAfterConv(add: (model: Model, value: string) => string): { model: Model; units: ReturnType<typeof findUnits> } {
  const model = newModel();
  addInput(model, "image", [1, 3, imageSize, imageSize]);
  addOutput(model, add(model, addConv(model, "conv", "image", [8, 3, 3, 3])));
  const prepared = prepareFloat(model);
  return { model: prepared, units: findUnits(prepared) };
}

const scalar = (model: Model, name: string, value: number) => model.graph.addInitializer(floatTensor(name, [], [value])).name;

describe("findUnits", () => {
  it("takes a convolution and the ReLU after it as one", () => {
    const { units } = unitsAfterConv((model, value) => addOp(model, "Relu", [value], "act"));
    expect(units).toHaveLength(1);
    expect(units[0]).toMatchObject({ name: "node_conv", kind: "weighted", inputs: ["image"], outputs: ["act"] });
    expect(units[0]!.activation?.opType).toBe("Relu");
  });

  it("takes a deconvolution with constant weights and its ReLU as one", () => {
    const { units } = unitsAfterConv((model, value) => {
      model.graph.addInitializer(floatTensor("up.w", [8, 4, 2, 2], (at) => Math.sin(at)));
      return addOp(model, "Relu", [addOp(model, "ConvTranspose", [value, "up.w"], "up", { strides: [2, 2] })], "act");
    });
    expect(units[1]).toMatchObject({ name: "node_up", kind: "weighted", inputs: ["conv"], outputs: ["act"] });
  });

  it("takes a Clip with constant limits along, and no other", () => {
    const constant = unitsAfterConv((model, value) =>
      addOp(model, "Clip", [value, scalar(model, "low", 0), scalar(model, "high", 6)], "act"),
    );
    expect(constant.units[0]).toMatchObject({ outputs: ["act"], activation: { opType: "Clip" } });
    const given = unitsAfterConv((model, value) =>
      addOp(model, "Clip", [value, scalar(model, "low", 0), addInput(model, "high", [])], "act"),
    );
    expect(given.units[0]).toMatchObject({ outputs: ["conv"], activation: null });
  });

  it.each<[string, (model: Model, value: string) => string]>([
    ["somebody else reads the value too", (model, value) => addOp(model, "Add", [value, addOp(model, "Relu", [value], "act")], "sum")],
    [
      "the value is an output",
      (model, value) => {
        addOutput(model, value);
        return addOp(model, "Relu", [value], "act");
      },
    ],
  ])("does not swallow a ReLU where %s", (_, add) => {
    expect(unitsAfterConv(add).units[0]).toMatchObject({ outputs: ["conv"], activation: null });
  });

  it("tells what has scales of its own from what only moves elements", () => {
    const model = prepareFloat(residualNetwork());
    const kinds = Object.fromEntries(findUnits(model).map(({ name, kind }) => [name, kind]));
    expect(kinds).toEqual({
      node_stem: "weighted",
      "node_stem.sigmoid": "arithmetic",
      "node_stem.act": "arithmetic",
      node_a: "weighted",
      node_sum: "arithmetic",
      node_pool: "moving",
      node_cat: "arithmetic",
      node_mid: "weighted",
      node_logits: "weighted",
      node_scores: "arithmetic",
      node_boxes: "weighted",
    });
  });

  it("leaves shape arithmetic, other modes of Resize, and weights that are computed", () => {
    const model = newModel();
    addInput(model, "image", [1, 3, "height", "width"]);
    addInput(model, "weight", [8, 3, 1, 1]);
    const conv = addOp(model, "Conv", ["image", "weight"], "conv");
    model.graph.addInitializer(intTensor("from", [1], [2]));
    model.graph.addInitializer(intTensor("to", [1], [4]));
    const size = addOp(model, "Slice", [addOp(model, "Shape", [conv], "shape"), "from", "to"], "size");
    model.graph.addInitializer(intTensor("two", [2], [1, 8]));
    const sizes = addOp(model, "Concat", ["two", addOp(model, "Add", [size, size], "sum")], "sizes", { axis: 0 });
    const linear = addOp(model, "Resize", [conv, "", "", sizes], "linear", { mode: "linear" });
    addOutput(model, addOp(model, "Resize", [linear, "", "", sizes], "nearest", { mode: "nearest" }));
    expect(findUnits(prepareFloat(model)).map(({ name, kind, inputs }) => [name, kind, inputs])).toEqual([
      ["node_nearest", "moving", ["linear"]],
    ]);
  });
});

describe("decideByRule", () => {
  it("finds no kernel for a multiplication by a constant", () => {
    const pool = { kernel_shape: [2, 2] };
    const { model, units } = unitsAfterConv((model, value) => {
      // Between poolings, where it cannot be folded into a convolution.
      const scaled = addOp(model, "Mul", [addOp(model, "MaxPool", [value], "pool", pool), scalar(model, "half", 0.5)], "scaled");
      return addConv(model, "head", addOp(model, "MaxPool", [scaled], "again", pool), [4, 8, 1, 1]);
    });
    expect(decideByRule(model, units, "onnxruntime").map(({ unit, precision, reason }) => [unit.name, precision, reason])).toEqual([
      ["node_conv", "int8", null],
      ["node_pool", "int8", null],
      ["node_scaled", "float", "unsupported"],
      ["node_again", "int8", null],
      ["node_head", "float", "head"],
    ]);
  });
});

describe("findHeads", () => {
  it("finds the last convolution on each way, and what decodes it", () => {
    const model = prepareFloat(residualNetwork());
    const { last, decode } = findHeads(model.graph, findUnits(model));
    expect([...last].map(({ name }) => name)).toEqual(["node_logits", "node_boxes"]);
    expect([...decode].map(({ name }) => name)).toEqual(["node_scores"]);
  });

  it("takes a head with its ReLU, and one that another convolution's branch does not lead to", () => {
    const model = newModel();
    addInput(model, "image", [1, 3, imageSize, imageSize]);
    const stem = addOp(model, "Relu", [addConv(model, "stem", "image", [8, 3, 3, 3])], "stem.act");
    addOutput(model, addOp(model, "Relu", [addConv(model, "short", stem, [8, 8, 1, 1])], "short.act"));
    addOutput(model, addConv(model, "long", addConv(model, "tower", stem, [8, 8, 3, 3]), [8, 8, 1, 1]));
    const prepared = prepareFloat(model);
    const { last, decode } = findHeads(prepared.graph, findUnits(prepared));
    expect([...last].map(({ name }) => name).sort()).toEqual(["node_long", "node_short"]);
    expect(decode.size).toBe(0);
  });
});
