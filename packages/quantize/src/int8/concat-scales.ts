import type { Graph } from "@octet/onnx/ir/graph";
import type { Range } from "../calibrate/range-observer.ts";
import type { SharedScales } from "./shared-scales.ts";
import type { Unit } from "./units.ts";

/** How much coarser a value's steps may become by sharing a scale, for readers that could have had finer ones. */
const MOST_COARSER = 3;

interface SharedRange extends Range {
  /** Width of the narrowest range in the set that somebody reads as it is; infinite where only concatenations do. */
  narrowest: number;
  /** Whether a value of the set is limited by a ReLU or a Clip, which ONNX Runtime leaves to the ends of what 8 bits can hold. */
  limited: "below" | "both" | null;
}

/**
 * Lets a Concat's inputs have the scale of its result where they may. ONNX Runtime then copies bytes instead of looking each
 * up in a table, and a value is rounded once, where it is made, instead of once more where it is concatenated.
 * @param ranges of all values of the units
 */
export function shareOverConcats(shared: SharedScales, graph: Graph, units: readonly Unit[], ranges: ReadonlyMap<string, Range>): void {
  const passing = new Set(units.filter((unit) => unit.kind === "moving" || isConcat(unit)).map(({ node }) => node));
  const limits = new Map(
    units.flatMap(({ activation, outputs }) => outputs.map((value) => [value, limitsOf(activation?.opType)] as const)),
  );
  const joint = new Map<string, SharedRange>();
  for (const [value, range] of ranges) {
    const exposed = graph.isOutput(value) || graph.consumers(value).some((reader) => !passing.has(reader));
    const own = { ...range, narrowest: exposed ? widthOf(range) : Number.POSITIVE_INFINITY, limited: limits.get(value) ?? null };
    const root = shared.find(value);
    const known = joint.get(root);
    joint.set(root, known ? united(known, own) : own);
  }
  for (const unit of units) {
    const [output] = unit.outputs;
    if (!isConcat(unit) || unit.activation || !output || !joint.has(shared.find(output))) continue;
    for (const input of unit.inputs) {
      const [a, b] = [joint.get(shared.find(input)), joint.get(shared.find(output))];
      if (!a || !b || shared.find(input) === shared.find(output)) continue;
      const both = united(a, b);
      if (widthOf(both) > MOST_COARSER * both.narrowest || !keepsLimits(a, both) || !keepsLimits(b, both)) continue;
      shared.join([output, input]);
      joint.set(shared.find(output), both);
    }
  }
}

const isConcat = ({ node }: Unit): boolean => node.opType === "Concat";

/** Of what is quantised, which holds 0. */
const widthOf = ({ min, max }: Range): number => Math.max(max, 0) - Math.min(min, 0);

const united = (a: SharedRange, b: SharedRange): SharedRange => ({
  min: Math.min(a.min, b.min),
  max: Math.max(a.max, b.max),
  narrowest: Math.min(a.narrowest, b.narrowest),
  limited: a.limited === "both" || b.limited === "both" ? "both" : (a.limited ?? b.limited),
});

const limitsOf = (activation: string | undefined): SharedRange["limited"] =>
  activation === undefined ? null : activation === "Relu" ? "below" : "both";

/** Limits that quantisation stands in for must stay the ends of the range. */
const keepsLimits = (before: SharedRange, after: Range): boolean =>
  before.limited === null || (after.min >= Math.min(before.min, 0) && (before.limited === "below" || after.max <= before.max));
