import { describe, expect, it } from "vitest";
import type { Model } from "../ir/model.ts";
import { addInput, addOp, addOutput, floatTensor, newModel } from "../testing/build-graph.ts";
import { randomFrom, randomInput, runModel, worstDifference } from "../testing/run-model.ts";
import { mergeSiblingConvs } from "./merge-sibling-convs.ts";

const next = randomFrom(3);

function random(model: Model, dims: number[]): string {
  const name = model.graph.freshName("constant");
  model.graph.addInitializer(floatTensor(name, dims, () => next() - 0.5));
  return name;
}

/** Convolutions of x with so many channels each, as outputs; the second has no bias. */
function heads(channels: readonly number[], more: (at: number) => Record<string, number | number[]> = () => ({})): Model {
  const model = newModel();
  addInput(model, "x", [2, 6, 7, 7]);
  for (const [at, count] of channels.entries()) {
    const bias = at === 1 ? [] : [random(model, [count])];
    addOp(model, "Conv", ["x", random(model, [count, 6, 3, 3]), ...bias], `y${at}`, { pads: [1, 1, 1, 1], ...more(at) });
    addOutput(model, `y${at}`);
  }
  return model;
}

const operators = ({ graph }: Model): string[] => graph.nodes.map(({ opType }) => opType).sort();

describe("mergeSiblingConvs", () => {
  it("makes one convolution of a detector's heads, which gives what they gave", async () => {
    const model = heads([2, 8, 20]);
    addOp(model, "Conv", ["x", random(model, [4, 6, 1, 1])], "other");
    addOutput(model, "other");
    const feeds = { x: randomInput([2, 6, 7, 7], 7, { low: -1 }) };
    const before = await runModel(model, feeds);
    expect(mergeSiblingConvs()(model)).toBe(2);
    expect(operators(model)).toEqual(["Conv", "Conv", "Split"]);
    expect(worstDifference(before, await runModel(model, feeds))).toBeLessThan(1e-5);
  });

  it("leaves what would save nothing, differs, or is computed together with what follows", () => {
    const apart = [
      heads([8, 16]),
      heads([2, 4], (at) => ({ strides: [at + 1, at + 1] })),
      heads([6, 6], (at) => ({ dilations: [at + 1, at + 1] })),
    ];
    const activated = heads([2, 4]);
    for (const at of [0, 1]) {
      addOp(activated, "Relu", [`y${at}`], `z${at}`);
      addOutput(activated, `z${at}`);
    }
    for (const model of [...apart, activated]) {
      const before = operators(model);
      expect(mergeSiblingConvs()(model)).toBe(0);
      expect(operators(model)).toEqual(before);
    }
  });
});
