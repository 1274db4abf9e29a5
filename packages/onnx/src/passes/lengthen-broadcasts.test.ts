import { describe, expect, it } from "vitest";
import { checkModel } from "../check/check-model.ts";
import type { Model } from "../ir/model.ts";
import { addInput, addOp, addOutput, floatTensor, newModel } from "../testing/build-graph.ts";
import { randomFrom, randomInput, runModel, worstDifference } from "../testing/run-model.ts";
import { lengthenBroadcasts } from "./lengthen-broadcasts.ts";

const next = randomFrom(5);
const SHAPE = ["batch", 3, 20, 16, 2];

function arithmetic(opType: string, dims: number[], first = false): Model {
  const model = newModel();
  addInput(model, "x", SHAPE);
  model.graph.addInitializer(floatTensor("c", dims, () => next() + 0.5));
  addOutput(model, addOp(model, opType, first ? ["c", "x"] : ["x", "c"], "y"));
  return model;
}

describe("lengthenBroadcasts", () => {
  it.each<[string, number[], boolean]>([
    ["Mul", [1, 3, 1, 1, 2], false],
    ["Add", [2], false],
    ["Sub", [3, 1, 1, 2], true],
    ["Div", [1, 20, 1, 2], false],
  ])("gives what %s with %j gave, bit by bit", async (opType, dims, first) => {
    const model = arithmetic(opType, dims, first);
    const feeds = { x: randomInput(SHAPE, 9, { batch: 2, low: 0.1 }) };
    const before = await runModel(model, feeds);
    expect(lengthenBroadcasts()(model)).toBe(1);
    checkModel(model);
    const repeated = [...model.graph.initializers.values()].find(({ dataType }) => dataType === "float32")!;
    expect(repeated.dims.at(-1)).toBe(32);
    expect(worstDifference(before, await runModel(model, feeds))).toBe(0);
    expect(lengthenBroadcasts()(model)).toBe(0);
  });

  it.each([[[1, 3, 1, 1, 1]], [[3, 20, 16, 2]], [[1]], [[1, 1, 1, 16, 2]]])(
    "leaves %j alone, which is broadcast in long pieces",
    (dims) => {
      expect(lengthenBroadcasts()(arithmetic("Mul", dims))).toBe(0);
    },
  );

  it("leaves rows alone whose number is not known, and what the constant makes larger", () => {
    const batch = newModel();
    addInput(batch, "x", ["batch", 4]);
    batch.graph.addInitializer(floatTensor("c", [4], () => next()));
    addOutput(batch, addOp(batch, "Mul", ["x", "c"], "y"));
    expect(lengthenBroadcasts()(batch)).toBe(0);
    const larger = newModel();
    addInput(larger, "x", [1, 1, 64, 4]);
    larger.graph.addInitializer(floatTensor("c", [1, 3, 1, 4], () => next()));
    addOutput(larger, addOp(larger, "Mul", ["x", "c"], "y"));
    expect(lengthenBroadcasts()(larger)).toBe(0);
  });
});
