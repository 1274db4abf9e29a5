import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, intTensor, newModel } from "@octet/onnx/testing/build-graph";
import { describe, expect, it } from "vitest";
import type { Range } from "../calibrate/range-observer.ts";
import { movedFrom, settleRanges } from "./implied-ranges.ts";
import { prepareFloat } from "./prepare.ts";
import { addConv, imageSize } from "./testing/residual-network.ts";
import { findUnits } from "./units.ts";

/** conv → SiLU → Split, one half pooled. `aside`: the convolution's output has another reader. */
function gated(aside = false): Model {
  const model = newModel();
  addInput(model, "image", [1, 3, imageSize, imageSize]);
  const x = addConv(model, "x", "image", [16, 3, 3, 3]);
  const y = addOp(model, "Mul", [addOp(model, "Sigmoid", [x], "gate"), x], "y");
  model.graph.addInitializer(intTensor("halves", [2], [8, 8]));
  addOp(model, "Split", [y, "halves"], ["left", "right"], { axis: 1 });
  addOutput(model, addConv(model, "a", "left", [8, 8, 1, 1]));
  addOutput(model, addConv(model, "b", addOp(model, "MaxPool", ["right"], "pooled", { kernel_shape: [2, 2] }), [8, 8, 1, 1]));
  if (aside) addOutput(model, addConv(model, "c", x, [8, 16, 1, 1]));
  return prepareFloat(model);
}

function settled(model: Model, given: Record<string, Range>): Map<string, Range> {
  const ranges = new Map(Object.entries(given));
  settleRanges(model.graph, findUnits(model), ranges);
  return ranges;
}

const silu = (x: number): number => x / (1 + Math.exp(-x));

describe("settleRanges", () => {
  const given = { x: { min: -25, max: 6 }, y: { min: -0.28, max: 9 }, pooled: { min: 0, max: 9 } };

  it("follows what SiLU reads only as far down as its output's steps can tell, and as far up as that goes", () => {
    const { min, max } = settled(gated(), given).get("x")!;
    expect(max).toBe(9);
    const step = (9 + 0.28) / 255;
    expect(min).toBeLessThan(-1.28);
    expect(silu(min)).toBeCloseTo(-step / 2, 6);
    expect(silu(min - 1)).toBeGreaterThan(-step / 2);
  });

  it("never reaches further down than was seen", () => {
    expect(settled(gated(), { ...given, x: { min: -0.5, max: 8 } }).get("x")).toEqual({ min: -0.5, max: 9 });
  });

  it("leaves what somebody else reads too as it was seen", () => {
    expect(settled(gated(true), given).get("x")).toEqual(given.x);
  });

  it("gives moved values the range of what they are made of, and asks for that of a maximum", () => {
    const model = gated();
    const ranges = settled(model, given);
    expect([ranges.get("left"), ranges.get("right"), ranges.get("pooled")]).toEqual([given.y, given.y, given.pooled]);
    const sources = findUnits(model).map((unit) => [unit.node.opType, movedFrom(unit)]);
    expect(sources).toContainEqual(["Split", "y"]);
    expect(sources).toContainEqual(["MaxPool", null]);
  });
});
