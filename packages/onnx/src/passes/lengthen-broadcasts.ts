import type { Graph } from "../ir/graph.ts";
import type { Dim, GraphNode, Model } from "../ir/model.ts";
import { elementCount, type Tensor } from "../ir/tensor.ts";
import { inferValues } from "../ops/infer-shapes.ts";
import { addFloats, addInts, constantOf } from "./constants-of.ts";

const elementwise = new Set(["Add", "Sub", "Mul", "Div"]);
/** Elements that a runtime should have to work on at once, at least and about. */
const SPAN = { least: 32, about: 256 };

/**
 * Lets arithmetic with constants that are broadcast in short pieces work on long ones: rows are taken together, and the constant is
 * repeated as often. Anchors of a detector's decoding, [1, 3, 1, 2] on [1, 3, 6400, 2], have ONNX Runtime start 19,200
 * times for two elements each, which takes ten times as long as the arithmetic. A Reshape costs nothing there. Results are the same
 * bits. Says how many nodes changed.
 */
export function lengthenBroadcasts(): (model: Model) => number {
  return (model) => {
    const { graph } = model;
    const nodes = graph.nodes.filter(({ opType, domain }) => domain === "" && elementwise.has(opType));
    if (nodes.length === 0) return 0;
    const states = inferValues(model);
    let changed = 0;
    for (const node of nodes) {
      const position = node.inputs.findIndex((value) => constantOf(graph, value));
      const tensor = constantOf(graph, node.inputs[position]);
      const shape = states.get(node.inputs[1 - position] ?? "")?.shape;
      if (tensor?.dataType === "float32" && shape && lengthen(graph, node, position, tensor, shape)) changed++;
    }
    if (changed > 0) {
      graph.prune();
      graph.sort();
    }
    return changed;
  };
}

function lengthen(graph: Graph, node: GraphNode, position: number, tensor: Tensor, shape: readonly Dim[]): boolean {
  if (tensor.dims.length > shape.length) return false;
  const dims = [...Array<number>(shape.length - tensor.dims.length).fill(1), ...tensor.dims];
  // The innermost axis that the constant is repeated along; all inside of it is known and alike.
  const axis = dims.findLastIndex((dim, at) => dim !== shape[at]);
  const rows = shape[axis];
  if (axis < 0 || dims[axis] !== 1 || typeof rows !== "number") return false;
  // Elsewhere it must be repeated as well, or alike.
  if (dims.some((dim, at) => dim !== 1 && dim !== shape[at])) return false;
  const span = elementCount(dims.slice(axis + 1));
  const times = largestDivisor(rows, SPAN.about / span);
  if (span === 1 || span >= SPAN.least || times === 1) return false;
  const data = tensor.data as Float32Array;
  const long = new Float32Array(data.length * times);
  for (let from = 0; from < data.length; from += span)
    for (let time = 0; time < times; time++) long.set(data.subarray(from, from + span), from * times + time * span);
  const reshaped = (value: string, sizes: readonly number[], output: string): string => {
    const to = addInts(graph, `${node.name}_shape`, [...Array<number>(axis).fill(0), ...sizes]);
    graph.addNode({ opType: "Reshape", name: graph.freshName(`${node.name}_Reshape`), inputs: [value, to], outputs: [output] });
    return output;
  };
  const [result] = node.outputs;
  graph.setInput(node, position, addFloats(graph, `${tensor.name || node.name}_repeated`, long, [...dims.slice(0, axis), 1, times * span]));
  const value = node.inputs[1 - position]!;
  graph.setInput(node, 1 - position, reshaped(value, [rows / times, times * span], graph.freshName(`${value}_rows`)));
  const rowsOf = graph.freshName(`${result}_rows`);
  node.outputs[0] = rowsOf;
  graph.changed();
  reshaped(rowsOf, shape.slice(axis) as number[], result!);
  return true;
}

function largestDivisor(of: number, atMost: number): number {
  for (let divisor = Math.min(of, Math.floor(atMost)); divisor > 1; divisor--) if (of % divisor === 0) return divisor;
  return 1;
}
