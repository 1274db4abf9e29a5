import { describe, expect, it } from "vitest";
import { buildParamTable } from "./param-table.ts";
import { SharedScales } from "./shared-scales.ts";

describe("SharedScales", () => {
  it("joins sets whatever the order, and keeps others apart", () => {
    const shared = new SharedScales();
    shared.join(["a", "b"]);
    shared.join(["c", "d"]);
    shared.join(["d", "b"]);
    shared.join([]);
    expect(shared.sets(["e", "d", "a", "b", "c"])).toEqual([["e"], ["d", "a", "b", "c"]]);
    expect(shared.find("a")).toBe(shared.find("c"));
  });
});

describe("buildParamTable", () => {
  const shared = new SharedScales();
  shared.join(["low", "high"]);
  const ranges = new Map([
    ["low", { min: -1, max: 1 }],
    ["high", { min: 0, max: 4 }],
    ["relu", { min: 0, max: 2.55 }],
  ]);

  it("gives values that share a set the joint range, and a ReLU's output zero point 0", () => {
    const table = buildParamTable(ranges, shared, "asymmetric");
    expect(table.get("low")).toEqual(table.get("high"));
    expect(table.get("low")).toMatchObject({ dataType: "uint8", zeroPoint: 51, scale: Math.fround(5 / 255) });
    expect(table.get("relu")).toMatchObject({ dataType: "uint8", zeroPoint: 0, scale: Math.fround(0.01) });
  });

  it("is symmetric for TensorRT", () => {
    const table = buildParamTable(ranges, shared, "symmetric");
    expect(table.get("high")).toMatchObject({ dataType: "int8", zeroPoint: 0 });
    expect(table.get("high")!.scale * 127).toBeGreaterThan(3.9);
  });
});
