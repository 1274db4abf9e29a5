import type { Graph } from "@octet/onnx/ir/graph";
import type { Model } from "@octet/onnx/ir/model";
import type { ValueState } from "@octet/onnx/ops/infer-context";
import { inferValues } from "@octet/onnx/ops/infer-shapes";
import { siluOf } from "@octet/quantize/calibrate/derived-value";

export interface ValuePair {
  /** As A calls it. */
  name: string;
  opType: string;
  b: string;
  /** Bytes in float32 for one image. */
  bytes: number;
  /** Whether the graph gives it as an output. */
  output: boolean;
}

const comparable = (state: ValueState | undefined) => state?.dataType === "float32" || state?.dataType === "float16";

/**
 * Values of two models that mean the same: graph outputs and inner values of one name and shape that depend on an input.
 * Where B quantises such a value, what comes out of the dequantisation counts: that is what the next layer sees. Where only SiLU reads it,
 * it is left out: far below 0 levels are not spent on it, and what SiLU makes of it is compared.
 */
export function valuePairs(a: Model, b: Model): ValuePair[] {
  const [statesA, statesB] = [inferValues(a), inferValues(b)];
  const live = liveValues(a.graph);
  const pairs: ValuePair[] = [];
  for (const node of a.graph.nodes)
    for (const name of node.outputs) {
      const output = a.graph.isOutput(name);
      const twin = output ? name : twinOf(b.graph, name);
      if (twin !== name && siluOf(a.graph, name) !== null) continue;
      const [left, right] = [statesA.get(name), statesB.get(twin)];
      if (!live.has(name) || !comparable(left) || !comparable(right) || !b.graph.producer(twin)) continue;
      const bytes = sizeOf(left);
      if (bytes === null || bytes !== sizeOf(right)) continue;
      pairs.push({ name, opType: node.opType, b: twin, bytes, output });
    }
  return pairs;
}

function twinOf(graph: Graph, name: string): string {
  const quantise = graph.consumers(name).find(({ opType }) => opType === "QuantizeLinear");
  const quantised = quantise?.inputs[0] === name ? quantise.outputs[0] : undefined;
  const dequantise = quantised ? graph.consumers(quantised).find(({ opType }) => opType === "DequantizeLinear") : undefined;
  return dequantise?.outputs[0] ?? name;
}

/** Values that are computed from a graph input. */
function liveValues(graph: Graph): Set<string> {
  const live = new Set(graph.inputs.map(({ name }) => name).filter((name) => !graph.initializers.has(name)));
  for (const node of graph.nodes) if (node.inputs.some((name) => live.has(name))) for (const output of node.outputs) live.add(output);
  return live;
}

function sizeOf(state: ValueState | undefined): number | null {
  const sizes = state?.shape?.map((dim) => (typeof dim === "string" ? 1 : dim));
  return sizes?.every((dim) => dim !== null) ? sizes.reduce((all, dim) => all * dim, 4) : null;
}

/** Pairs in groups of at most `budget` bytes (or one pair each), so that a run's outputs fit in memory. */
export function inGroups(pairs: readonly ValuePair[], budget: number): ValuePair[][] {
  const groups: ValuePair[][] = [];
  let room = 0;
  for (const pair of pairs) {
    if (groups.length === 0 || pair.bytes > room) {
      groups.push([]);
      room = budget;
    }
    groups.at(-1)!.push(pair);
    room -= pair.bytes;
  }
  return groups;
}
