import type { UnitDecision } from "@octet/quantize/int8/quantize-model";
import type { Unit } from "@octet/quantize/int8/units";
import { expect, it } from "vitest";
import { islandsOf, keepsSaving, mostFloat } from "./latency-choice.ts";

const decision = (name: string, inputs: string[], precision: "int8" | "float" = "int8"): UnitDecision => ({
  unit: { name, inputs, outputs: [`${name}.out`] } as unknown as Unit,
  precision,
  reason: precision === "float" ? "slower" : null,
});
const names = (decisions: UnitDecision[]) => islandsOf(decisions).map((units) => units.map(({ name }) => name).sort());

it("takes integer units that feed each other for one island, and float ones for water", () => {
  const chain = [
    decision("a", ["x"]),
    decision("b", ["a.out"]),
    decision("c", ["b.out"], "float"),
    decision("d", ["c.out"]),
    decision("e", ["d.out"]),
  ];
  expect(names(chain)).toEqual([
    ["a", "b"],
    ["d", "e"],
  ]);
});

it("joins ways that meet, in whatever order", () => {
  const meeting = [decision("sum", ["left.out", "right.out"]), decision("left", ["x"]), decision("right", ["x"]), decision("alone", ["x"])];
  expect(names(meeting)).toEqual([["left", "right", "sum"], ["alone"]]);
});

it("takes most float where the clock does not tell candidates apart", () => {
  const candidates = [new Set<string>(), new Set(["a", "b"]), new Set(["a"])];
  expect(mostFloat(candidates, [30, 30.4, 29.9])).toBe(1);
  expect(mostFloat(candidates, [30, 33, 30.2])).toBe(2);
  expect(mostFloat(candidates, [30, 33, 32])).toBe(0);
});

it("gives a tenth of what INT8 saves for accuracy, and nothing where it saves nothing", () => {
  expect(keepsSaving({ floatMs: 20, before: 10, after: 10.9 })).toBe(true);
  expect(keepsSaving({ floatMs: 20, before: 10, after: 11.1 })).toBe(false);
  expect(keepsSaving({ floatMs: 20, before: 19, after: 19.9 })).toBe(false);
  expect(keepsSaving({ floatMs: 20, before: 21, after: 20 })).toBe(false);
});
