import type { Model } from "@octet/onnx/ir/model";
import { addInput, addOp, addOutput, newModel } from "@octet/onnx/testing/build-graph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crossingCost, slowerInIntegers, type UnitTimes, unitTimes } from "./latency-partition.ts";
import { prepareFloat } from "./prepare.ts";
import { decideByRule, type UnitDecision } from "./quantize-model.ts";
import { addConv, imageSize } from "./testing/residual-network.ts";
import { findUnits } from "./units.ts";

/** stem → {a, b} → Concat → head; the stem is an output too. All but the head are integer by rule. */
function branches(): { model: Model; decisions: UnitDecision[] } {
  const model = newModel();
  addInput(model, "image", [1, 3, imageSize, imageSize]);
  const stem = addConv(model, "stem", "image", [8, 3, 1, 1]);
  const a = addConv(model, "a", stem, [4, 8, 1, 1]);
  const b = addOp(model, "Relu", [addConv(model, "b", stem, [12, 8, 1, 1])], "b.act");
  addConv(model, "head", addOp(model, "Concat", [a, b], "cat", { axis: 1 }), [4, 16, 1, 1]);
  for (const output of ["stem", "head"]) addOutput(model, output);
  const prepared = prepareFloat(model);
  return { model: prepared, decisions: decideByRule(prepared, findUnits(prepared), "onnxruntime") };
}

const names = ["node_stem", "node_a", "node_b", "node_cat"];
const elements = (channels: number) => channels * imageSize ** 2;

/** µs of a labelling of `names`, as the partition counts it: a Q costs 1.5 crossings, shared by those who read it. */
function costOf(float: readonly boolean[], times: readonly UnitTimes[], ns: number): number {
  const [stem, a, b, cat] = float as [boolean, boolean, boolean, boolean];
  const us = (count: number, factor: number) => (ns * elements(count) * factor) / 1000;
  let cost = times.reduce((sum, time, at) => sum + (float[at] ? time.float : time.int8), 0);
  if (!stem) cost += us(3, 1.5) + us(8, 1);
  if (stem !== a) cost += us(8, 1.5) / 2;
  if (stem !== b) cost += us(8, 1.5) / 2;
  if (a !== cat) cost += us(4, 1.5);
  if (b !== cat) cost += us(12, 1.5);
  if (!cat) cost += us(16, 1);
  return cost;
}

describe("slowerInIntegers", () => {
  const { model, decisions } = branches();
  const slower = (times: readonly UnitTimes[], ns: number): Set<string> =>
    slowerInIntegers(model, decisions, new Map(names.map((name, at) => [name, times[at]!])), ns);

  it("finds a labelling that none is cheaper than", () => {
    expect(decisions.filter(({ precision }) => precision === "int8").map(({ unit }) => unit.name)).toEqual(names);
    const time = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ float: time, int8: time }), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 0, max: 8 }),
        (times, ns) => {
          const found = slower(times, ns);
          let least = Number.POSITIVE_INFINITY;
          for (let labels = 0; labels < 16; labels++) {
            const float = names.map((_, at) => ((labels >> at) & 1) === 1);
            least = Math.min(least, costOf(float, times, ns));
          }
          const float = names.map((name) => found.has(name));
          expect(costOf(float, times, ns)).toBeCloseTo(least, 9);
        },
      ),
      { seed: 21, numRuns: 300 },
    );
  });

  it("moves nothing where integers win everywhere, and all where float does", () => {
    expect(
      slower(
        names.map(() => ({ float: 90, int8: 30 })),
        2,
      ),
    ).toEqual(new Set());
    expect(
      slower(
        names.map(() => ({ float: 30, int8: 90 })),
        2,
      ),
    ).toEqual(new Set(names));
  });

  it("leaves a slow unit in integers where the crossings around it cost more", () => {
    const times = [90, 90, 20, 90].map((float) => ({ float, int8: 30 }));
    // node_b loses 10 µs in integers: two crossings of 8/2 and 12 channels cost 6.1 µs at 1 ns, 12.3 µs at 2 ns.
    expect(slower(times, 1)).toEqual(new Set(["node_b"]));
    expect(slower(times, 2)).toEqual(new Set());
  });

  it("moves no unit that is float by rule, and takes unknown times for nothing", () => {
    expect(slowerInIntegers(model, decisions, new Map([["node_head", { float: 0, int8: 100 }]]), 0).has("node_head")).toBe(false);
  });
});

describe("unitTimes", () => {
  it("finds kernels by node, by value in blocked layout, and by fused node", () => {
    const { decisions } = branches();
    const float = new Map([
      ["stem_nchwc", { op: "Conv", us: 7 }],
      ["node_a", { op: "Conv", us: 5 }],
      ["node_b", { op: "Conv", us: 4 }],
      ["node_b.act", { op: "Relu", us: 1 }],
      ["ReorderInput", { op: "ReorderInput", us: 100 }],
    ]);
    const int8 = new Map([
      ["image_QuantizeLinear", { op: "QuantizeLinear", us: 50 }],
      ["node_stem_token_7", { op: "QLinearConv", us: 3 }],
      ["node_a_token_12", { op: "QLinearConv", us: 2 }],
      ["node_b", { op: "QLinearConv", us: 1.5 }],
      ["node_cat", { op: "QLinearConcat", us: 0.5 }],
    ]);
    expect(Object.fromEntries(unitTimes(decisions, float, int8))).toEqual({
      node_stem: { float: 7, int8: 3 },
      node_a: { float: 5, int8: 2 },
      node_b: { float: 5, int8: 1.5 },
      node_cat: { float: 0, int8: 0.5 },
      node_head: { float: 0, int8: 0 },
    });
  });
});

describe("crossingCost", () => {
  it("is the time that Q kernels took an element, or a guess where there was none", () => {
    const { model } = branches();
    const kernels = new Map([
      ["image_QuantizeLinear", { op: "QuantizeLinear", us: 3 }],
      ["b.act_QuantizeLinear_1", { op: "QuantizeLinear", us: 9 }],
      ["stem_DequantizeLinear", { op: "DequantizeLinear", us: 100 }],
      ["unknown_QuantizeLinear", { op: "QuantizeLinear", us: 100 }],
    ]);
    expect(crossingCost(model, kernels)).toBeCloseTo(12_000 / elements(15), 9);
    expect(crossingCost(model, new Map())).toBe(2);
  });
});
