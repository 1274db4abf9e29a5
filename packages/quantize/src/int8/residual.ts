import type { Graph } from "@octet/onnx/ir/graph";
import type { GraphNode } from "@octet/onnx/ir/model";

const activations = new Set(["Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh"]);
/** Operators whose second input is weights. */
export const weightedOps: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Gemm", "MatMul"]);

/** The Sigmoid (or HardSigmoid) and its input, where a Mul multiplies the two: SiLU, hard swish. */
export function gateOf(graph: Graph, mul: GraphNode): { gate: GraphNode; input: string } | null {
  const [a, b] = mul.inputs;
  if (mul.opType !== "Mul" || !a || !b) return null;
  for (const [input, gated] of [
    [a, b],
    [b, a],
  ] as const) {
    const gate = graph.producer(gated);
    if (gate && (gate.opType === "Sigmoid" || gate.opType === "HardSigmoid") && gate.inputs[0] === input) return { gate, input };
  }
  return null;
}

/**
 * The layer whose result `value` is, through activations alone and on a way that nothing else reads: what a runtime
 * computes in one kernel, with an addition as its last step.
 */
export function backboneOf(graph: Graph, value: string): GraphNode | null {
  const isRead = (name: string, times: number) => graph.consumers(name).length === times && !graph.isOutput(name);
  if (!isRead(value, 1)) return null;
  for (let at = value; ; ) {
    const node = graph.producer(at);
    if (node?.domain !== "") return null;
    if (weightedOps.has(node.opType)) return node;
    const gated = gateOf(graph, node);
    if (gated) {
      if (!isRead(gated.gate.outputs[0]!, 1) || !isRead(gated.input, 2)) return null;
      at = gated.input;
    } else {
      if (!activations.has(node.opType) || !isRead(node.inputs[0]!, 1)) return null;
      at = node.inputs[0]!;
    }
  }
}

/**
 * Of a residual addition the input that passes the layers by; null for any other addition. Where both inputs come out of
 * a layer (a projected shortcut), it is the one on the shorter way from where the two part.
 * @param isInteger whether a layer computes in integers
 */
export function skipInputOf(graph: Graph, add: GraphNode, isInteger: (layer: GraphNode) => boolean): string | null {
  const [a, b] = add.inputs;
  if (add.opType !== "Add" || !a || !b || a === b || !graph.producer(a) || !graph.producer(b) || !sameShape(graph, a, b)) return null;
  const [left, right] = [backboneOf(graph, a), backboneOf(graph, b)];
  const skip = left && right ? (isLonger(graph, a, b) ? b : a) : left ? b : right ? a : null;
  const main = skip === b ? left : right;
  return skip !== null && main && isInteger(main) ? skip : null;
}

function sameShape(graph: Graph, a: string, b: string): boolean {
  const [left, right] = [graph.valueInfo.get(a)?.shape, graph.valueInfo.get(b)?.shape];
  return left?.length !== undefined && left.length === right?.length && left.every((size, at) => size !== null && size === right[at]);
}

/** Whether the way from the nearest common ancestor to `a` is at least as long as that to `b`. */
function isLonger(graph: Graph, a: string, b: string): boolean {
  const [left, right] = [distances(graph, a), distances(graph, b)];
  let nearest = Number.POSITIVE_INFINITY;
  let longer = true;
  for (const [value, distance] of left) {
    const other = right.get(value);
    if (other === undefined || distance + other >= nearest) continue;
    nearest = distance + other;
    longer = distance >= other;
  }
  return longer;
}

/** How many nodes lie between a value and each that it is computed from, by the shortest way. */
function distances(graph: Graph, value: string): Map<string, number> {
  const found = new Map([[value, 0]]);
  for (const [at, distance] of found)
    for (const input of graph.producer(at)?.inputs ?? [])
      if (input !== "" && !graph.initializers.has(input) && !found.has(input)) found.set(input, distance + 1);
  return found;
}
