import type { Graph } from "@octet/onnx/ir/graph";
import type { Range } from "./range-observer.ts";

/** A value that follows from another one element by element: whoever has seen that has seen this. */
export interface Derivation {
  source: string;
  by: "Relu" | "Sigmoid" | "Tanh" | "SiLU";
}

/** Where x · sigmoid(x) is smallest, and how small: the root of 1 + x·(1 − sigmoid(x)). */
const SILU_LOWEST = { at: -1.278464542761074, value: -0.278464542761074 };

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const functions: Readonly<Record<Derivation["by"], (x: number) => number>> = {
  Relu: (x) => Math.max(0, x),
  Sigmoid: sigmoid,
  Tanh: Math.tanh,
  SiLU: (x) => x * sigmoid(x),
};

/** How a value follows from another one; null where it does not. SiLU (Elfwing et al., arXiv:1702.03118) is written as Mul(x, Sigmoid(x)). */
export function derivationOf(graph: Graph, value: string): Derivation | null {
  const node = graph.producer(value);
  if (!node) return null;
  const [first = "", second = ""] = node.inputs;
  if (node.opType === "Relu" || node.opType === "Sigmoid" || node.opType === "Tanh") return { source: first, by: node.opType };
  if (node.opType !== "Mul") return null;
  const gateOf = (gate: string, x: string): boolean => {
    const producer = graph.producer(gate);
    return producer?.opType === "Sigmoid" && producer.inputs[0] === x;
  };
  if (gateOf(second, first)) return { source: first, by: "SiLU" };
  if (gateOf(first, second)) return { source: second, by: "SiLU" };
  return null;
}

/** What SiLU makes of a value that nothing else reads; null where it is not so. */
export function siluOf(graph: Graph, value: string): string | null {
  const readers = graph.consumers(value);
  if (readers.length !== 2 || graph.isOutput(value)) return null;
  const found = readers
    .flatMap(({ outputs }) => outputs)
    .find((output) => {
      const derivation = derivationOf(graph, output);
      return derivation?.by === "SiLU" && derivation.source === value;
    });
  return found ?? null;
}

/**
 * Smallest and largest of the derived value where its source takes values from `min` to `max`, finite. SiLU falls before it rises: between the
 * two its lowest point counts as reached.
 */
export function derivedExtent(by: Derivation["by"], { min, max }: Range): Range {
  const of = functions[by];
  const [a, b] = [of(min), of(max)];
  const dips = by === "SiLU" && min < SILU_LOWEST.at && SILU_LOWEST.at < max;
  return { min: dips ? SILU_LOWEST.value : Math.min(a, b), max: Math.max(a, b) };
}
