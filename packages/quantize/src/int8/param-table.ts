import type { Range } from "../calibrate/range-observer.ts";
import { asymmetricParams, type QuantParams, symmetricParams } from "../numeric/quant-params.ts";
import type { SharedScales } from "./shared-scales.ts";
import type { Unit } from "./units.ts";

/** Activation parameters by value: what both emitters write from. */
export type ParamTable = ReadonlyMap<string, QuantParams>;

/** Values whose range follows from the operator: no calibration finds better. */
export function fixedRange(unit: Unit): Range | null {
  return unit.node.opType === "Sigmoid" || unit.node.opType === "Softmax" ? { min: 0, max: 1 } : null;
}

/**
 * Scales and zero points from calibrated ranges; values that share a set get that of the set's joint range.
 * `asymmetric`: uint8, all 256 levels over the range (extended to 0); a ReLU's output gets zero point 0, which lets ONNX
 * Runtime fold the ReLU into the convolution. `symmetric`: int8, zero point 0.
 */
export function buildParamTable(
  ranges: ReadonlyMap<string, Range>,
  shared: SharedScales,
  scheme: "asymmetric" | "symmetric",
): Map<string, QuantParams> {
  const table = new Map<string, QuantParams>();
  for (const set of shared.sets(ranges.keys())) {
    const members = set.map((value) => ranges.get(value)!);
    const min = Math.min(...members.map((range) => range.min));
    const max = Math.max(...members.map((range) => range.max));
    const params =
      scheme === "asymmetric"
        ? asymmetricParams(min, max, { dataType: "uint8" })
        : symmetricParams(min, max, { dataType: "int8", narrow: false });
    for (const value of set) table.set(value, params);
  }
  return table;
}
