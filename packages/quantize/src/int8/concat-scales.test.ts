import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, newModel } from "@octet/onnx/testing/build-graph";
import { describe, expect, it } from "vitest";
import type { Range } from "../calibrate/range-observer.ts";
import { shareOverConcats } from "./concat-scales.ts";
import { prepareFloat } from "./prepare.ts";
import { SharedScales } from "./shared-scales.ts";
import { addConv, imageSize } from "./testing/residual-network.ts";
import { findUnits } from "./units.ts";

/** Two convolutions, each with what `activate` makes of it, concatenated and read by a third; `a` may have a reader of its own. */
function joined({ aside = false, activate = (_: Model, value: string) => value } = {}): Model {
  const model = newModel();
  addInput(model, "image", [1, 3, imageSize, imageSize]);
  const a = activate(model, addConv(model, "a", "image", [16, 3, 3, 3]));
  const b = activate(model, addConv(model, "b", "image", [16, 3, 3, 3]));
  const both = addOp(model, "Concat", [a, b], "both", { axis: 1 });
  addOutput(model, addConv(model, "c", both, [8, 32, 1, 1]));
  if (aside) addOutput(model, addConv(model, "d", a, [8, 16, 1, 1]));
  return prepareFloat(model);
}

function sharedSets(model: Model, ranges: Record<string, Range>): string[][] {
  const shared = new SharedScales();
  const map = new Map(Object.entries(ranges));
  shareOverConcats(shared, model.graph, findUnits(model), map);
  return shared.sets(map.keys());
}

const range = (min: number, max: number): Range => ({ min, max });

describe("shareOverConcats", () => {
  it("shares one scale where only the Concat reads what it joins, however wide the others are", () => {
    const ranges = { a: range(-1, 1), b: range(-9, 9), both: range(-9, 9) };
    expect(sharedSets(joined(), ranges)).toEqual([["a", "b", "both"]]);
  });

  it("leaves a value its own that another reads in much finer steps", () => {
    const model = joined({ aside: true });
    expect(sharedSets(model, { a: range(-1, 1), b: range(-9, 9), both: range(-9, 9) })).toEqual([["a"], ["b", "both"]]);
    expect(sharedSets(model, { a: range(-5, 5), b: range(-9, 9), both: range(-9, 9) })).toEqual([["a", "b", "both"]]);
  });

  it("keeps limits at the end of what a value's 8 bits hold", () => {
    const rectified = joined({ activate: (model, value) => (value === "a" ? addOp(model, "Relu", [value], "a.act") : value) });
    const ranges = { "a.act": range(0, 8), b: range(-9, 9), both: range(-9, 9) };
    expect(sharedSets(rectified, ranges)).toEqual([["a.act"], ["b", "both"]]);
    const both = joined({ activate: (model, value) => addOp(model, "Relu", [value], `${value}.act`) });
    expect(sharedSets(both, { "a.act": range(0, 8), "b.act": range(0, 9), both: range(0, 9) })).toEqual([["a.act", "b.act", "both"]]);
    const clipped = joined({
      activate: (model, value) => (value === "a" ? addOp(model, "Clip", [value, low(model), high(model)], "a.act") : value),
    });
    expect(sharedSets(clipped, { "a.act": range(0, 6), b: range(0, 9), both: range(0, 9) })).toEqual([["a.act"], ["b", "both"]]);
  });
});

const limit = (model: Model, name: string, value: number): string => {
  model.graph.addInitializer({ name, dataType: "float32", dims: [], data: Float32Array.of(value) });
  return name;
};
const low = (model: Model): string => limit(model, "low", 0);
const high = (model: Model): string => limit(model, "high", 6);
