import type { Model } from "@octet/onnx/ir/model";
import { elementCount } from "@octet/onnx/ir/tensor";
import { FlowNetwork } from "./min-cut.ts";
import type { UnitDecision } from "./quantize-model.ts";

/** Kernel times of one model, µs, by the name that the runtime gives the kernel. */
export type KernelTimes = ReadonlyMap<string, { op: string; us: number }>;

export interface UnitTimes {
  /** µs in float and in integers. */
  float: number;
  int8: number;
}

/** What a crossing from float to integers or back costs: the node, and the change of memory layout that comes with it. */
const crossingFactor = 1.5;
/** ns an element, where no Q was measured. */
const defaultCrossing = 2;

/**
 * Which time each unit takes either way. ONNX Runtime names a float kernel after the node or, in its blocked layout, after the
 * value it writes; an integer kernel after the node it replaced. A unit with no kernel of its own was fused away and costs
 * nothing there.
 */
export function unitTimes(decisions: readonly UnitDecision[], float: KernelTimes, int8: KernelTimes): Map<string, UnitTimes> {
  const byFloat = new Map<string, number>();
  for (const [name, { us }] of float) add(byFloat, name.replace(/_nchwc$/, ""), us);
  const byInt8 = new Map<string, number>();
  for (const [name, { op, us }] of int8) if (!/^(De)?[Qq]uantizeLinear$/.test(op)) add(byInt8, name.replace(/_token_\d+$/, ""), us);
  return new Map(
    decisions.map(({ unit }) => {
      const names = [unit.node, ...(unit.activation ? [unit.activation] : [])].flatMap((node) => [node.name, ...node.outputs]);
      const sum = (times: ReadonlyMap<string, number>): number => [...new Set(names)].reduce((us, name) => us + (times.get(name) ?? 0), 0);
      return [unit.name, { float: sum(byFloat), int8: sum(byInt8) }];
    }),
  );
}

/** ns that quantising one element took. */
export function crossingCost(prepared: Model, int8: KernelTimes): number {
  let us = 0;
  let elements = 0;
  for (const [name, { op, us: taken }] of int8) {
    const value = /^(.*)_QuantizeLinear(_\d+)?$/.exec(name)?.[1];
    const size = op === "QuantizeLinear" && value ? sizeOf(prepared, value) : 0;
    if (size === 0) continue;
    us += taken;
    elements += size;
  }
  return elements === 0 ? defaultCrossing : (us * 1000) / elements;
}

/**
 * Units that run faster in float, taking into account what every crossing between float and integers costs: the labelling of
 * least total time is a minimum cut between "integer" and "float". Only units that are integer by rule are moved.
 * @param crossing ns an element
 */
export function slowerInIntegers(
  prepared: Model,
  decisions: readonly UnitDecision[],
  times: ReadonlyMap<string, UnitTimes>,
  crossing: number,
): Set<string> {
  const integer = decisions.filter(({ precision }) => precision === "int8").map(({ unit }) => unit);
  const [source, sink] = [integer.length, integer.length + 1];
  const network = new FlowNetwork(integer.length + 2);
  const producers = new Map(integer.flatMap((unit, at) => unit.outputs.map((value) => [value, at] as const)));
  const readers = new Map<string, number>();
  for (const { inputs } of integer) for (const value of new Set(inputs)) readers.set(value, (readers.get(value) ?? 0) + 1);
  for (const [at, unit] of integer.entries()) {
    const { float, int8 } = times.get(unit.name) ?? { float: 0, int8: 0 };
    // On the source's side the unit is integer: the edge to the sink is then cut.
    network.connect(at, sink, int8);
    network.connect(source, at, float);
    for (const value of new Set(unit.inputs)) {
      const us = (crossingFactor * crossing * sizeOf(prepared, value)) / 1000 / (readers.get(value) ?? 1);
      const producer = producers.get(value);
      if (producer === undefined) network.connect(at, sink, us);
      else network.connect(producer, at, us, us);
    }
    for (const value of unit.outputs) {
      const outside = prepared.graph.consumers(value).some((node) => !integer.some((reader) => reader.node === node));
      if (outside || prepared.graph.isOutput(value)) network.connect(at, sink, (crossing * sizeOf(prepared, value)) / 1000);
    }
  }
  const side = network.sourceSide(source, sink);
  return new Set(integer.filter((_, at) => !side[at]).map(({ name }) => name));
}

function sizeOf({ graph }: Model, value: string): number {
  const info =
    graph.valueInfo.get(value) ?? graph.inputs.find(({ name }) => name === value) ?? graph.outputs.find(({ name }) => name === value);
  return info?.shape ? elementCount(info.shape.map((dim) => (typeof dim === "number" ? dim : 1))) : 0;
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us);
}
