import type { Graph } from "@octet/onnx/ir/graph";
import { siluOf } from "../calibrate/derived-value.ts";
import type { Range } from "../calibrate/range-observer.ts";
import type { Unit } from "./units.ts";

/** Where x · sigmoid(x) turns: below, it only comes back to 0. */
const SILU_TURN = -1.278464542761074;
/** Steps of an 8-bit range. */
const STEPS = 255;

/** The value whose elements a unit's output is made of, in some order: no range of its own is looked for. */
export function movedFrom(unit: Unit): string | null {
  // A maximum of several is larger than they are, as a whole.
  return unit.kind === "moving" && unit.node.opType !== "MaxPool" ? unit.inputs[0]! : null;
}

/**
 * Completes what calibration found, in place. Moved values have the range of what they are made of. What SiLU reads gets the
 * range that matters to what it writes: up to the same largest value, and down to where SiLU is within half a step of its output
 * of 0. Activations reach far below that, which would take levels from all others.
 * @param units in the graph's order
 */
export function settleRanges(graph: Graph, units: readonly Unit[], ranges: Map<string, Range>): void {
  for (const unit of units) {
    const source = movedFrom(unit);
    const range = source === null ? undefined : ranges.get(source);
    if (range) for (const output of unit.outputs) ranges.set(output, range);
  }
  for (const [value, before] of ranges) {
    const silu = siluOf(graph, value);
    const after = silu === null ? undefined : ranges.get(silu);
    if (after && after.max > 0) ranges.set(value, { min: Math.max(before.min, lowestThatMatters(after)), max: after.max });
  }
}

/** Below the turn, where SiLU is half a step of its output's range away from 0. */
function lowestThatMatters({ min, max }: Range): number {
  const half = (max - Math.min(min, 0)) / STEPS / 2;
  let [low, high] = [-64, SILU_TURN];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (-middle / (1 + Math.exp(-middle)) > half) high = middle;
    else low = middle;
  }
  return low;
}
