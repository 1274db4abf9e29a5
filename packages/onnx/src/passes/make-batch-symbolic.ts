import { AppError } from "@octet/shared/errors";
import type { Graph } from "../ir/graph.ts";
import type { Dim, GraphNode, Model } from "../ir/model.ts";
import type { ValueState } from "../ops/infer-context.ts";
import { showShape } from "../ops/dims.ts";
import { inferValues, type NodeVisitor } from "../ops/infer-shapes.ts";
import { addInts, constantOf } from "./constants-of.ts";
import { scalesFor, useScales } from "./resize-scales.ts";

export interface BatchOptions {
  /** The dimension's symbol. */
  name?: string;
}

/** What only asks for a value's sizes does not carry the batch along. */
const shapeReaders = new Set(["Shape", "Size", "ConstantOfShape", "Range"]);

/**
 * Makes the first dimension of all inputs and outputs the symbol `name`, so that the model runs any number of images at once.
 * Exporters bake the batch of 1 into targets of Reshape and sizes of Resize: these are mended. Whether the batch then comes
 * through every node is followed node by node; a model in which it does not is refused, and left as it was. Run `dropInitializerInputs` first
 * where weights are listed as inputs. Says how many nodes were mended.
 * @throws AppError MODEL_UNSUPPORTED naming the node where the batch gets lost, MODEL_INVALID
 */
export function makeBatchSymbolic({ name = "batch" }: BatchOptions = {}): (model: Model) => number {
  return (model) => {
    const { graph } = model;
    const inputs = graph.inputs.filter((input) => !graph.initializers.has(input.name));
    for (const input of inputs) {
      const first = input.shape?.[0];
      if (!input.shape || input.shape.length < 2) refuse(`Input "${input.name}" is ${showShape(input.shape)}, without a batch dimension`);
      if (typeof first === "number" && first !== 1)
        refuse(`Input "${input.name}" takes ${first} images at once`, "Export it with a batch of 1.");
    }
    const undo = snapshot(graph);
    try {
      const fixed = shapesAtBatchOne(model, inputs);
      // What the file declares was said of a batch of 1.
      graph.valueInfo.clear();
      for (const input of inputs) input.shape![0] = name;
      for (const output of graph.outputs) if (output.shape?.[0] === 1) output.shape[0] = null;
      const mended = mend(model, name, fixed);
      const states = inferValues(model);
      check(
        graph,
        states,
        inputs.map((input) => input.name),
        name,
      );
      for (const output of graph.outputs) {
        const shape = states.get(output.name)?.shape;
        if (shape) output.shape = [...shape];
        if (fixed.get(output.name)?.shape?.[0] === 1 && output.shape) output.shape[0] = name;
      }
      return mended;
    } catch (error) {
      undo();
      throw error;
    }
  };
}

/** All shapes as they are with one image. */
function shapesAtBatchOne(model: Model, inputs: readonly { shape: Dim[] | null }[]): Map<string, ValueState> {
  const firsts = inputs.map(({ shape }) => shape![0]!);
  for (const { shape } of inputs) shape![0] = 1;
  const states = inferValues(model);
  for (const [at, { shape }] of inputs.entries()) shape![0] = firsts[at]!;
  return states;
}

/** Mends node after node, as inference comes to them: a mended target changes what comes after it. */
function mend(model: Model, name: string, fixed: Map<string, ValueState>): number {
  const { graph } = model;
  let mended = 0;
  const visit: NodeVisitor = (node, states) => {
    if (!needsMending(graph, node, name, states, fixed)) return;
    mended++;
    if (node.opType === "Reshape") mendReshape(graph, node, name, states, fixed);
    else mendResize(graph, node, states.get(node.inputs[0]!)!.shape!);
  };
  try {
    inferValues(model, visit);
  } catch (error) {
    if (error instanceof AppError && error.code === "MODEL_INVALID")
      refuse(`With more than one image the model contradicts itself. ${error.message}`);
    throw error;
  }
  return mended;
}

function needsMending(
  graph: Graph,
  node: GraphNode,
  name: string,
  states: ReadonlyMap<string, ValueState>,
  fixed: Map<string, ValueState>,
): boolean {
  if (node.domain !== "") return false;
  const shape = states.get(node.inputs[0] ?? "")?.shape;
  if (!shape || typeof shape[0] === "number") return false;
  if (node.opType === "Reshape") {
    const target = targetOf(graph, node);
    const first = fixed.get(node.outputs[0]!)?.shape?.[0];
    return target !== undefined && target.length > 0 && !(target[0] === 0 && shape[0] === name) && target[0] !== -1 && first !== undefined;
  }
  return node.opType === "Resize" && shape[0] === name && constantOf(graph, node.inputs[3])?.dims[0] === shape.length;
}

function targetOf(graph: Graph, node: GraphNode): number[] | undefined {
  const tensor = constantOf(graph, node.inputs[1]);
  return tensor?.dataType === "int64" ? Array.from(tensor.data as BigInt64Array, Number) : undefined;
}

function mendReshape(
  graph: Graph,
  node: GraphNode,
  name: string,
  states: ReadonlyMap<string, ValueState>,
  fixed: Map<string, ValueState>,
): void {
  const target = targetOf(graph, node)!;
  const input = node.inputs[0]!;
  const shape = states.get(input)!.shape!;
  const [before, after] = [fixed.get(input)?.shape, fixed.get(node.outputs[0]!)?.shape];
  if (!before || !after?.every((dim) => typeof dim === "number")) return;
  const mended = [...target];
  if (shape[0] === name && before[0] === 1 && after[0] === 1) mended[0] = 0;
  else {
    // The batch was merged with other dimensions, or is merged here: it varies slowest, so that the first dimension grows with it.
    for (const [at, dim] of after.entries()) mended[at] = at === 0 ? -1 : dim;
  }
  node.inputs[1] = addInts(graph, `${node.name || node.outputs[0]}_target`, mended);
  node.attributes.delete("allowzero");
  graph.changed();
}

/** Constant sizes become scales, which say nothing of the batch. */
function mendResize(graph: Graph, node: GraphNode, shape: readonly Dim[]): void {
  const sizes = Array.from(constantOf(graph, node.inputs[3])!.data as BigInt64Array, Number);
  const scales = scalesFor(shape.slice(1), sizes.slice(1));
  if (!scales) refuse(`Node "${node.name || node.outputs[0]}" (Resize) goes from ${showShape(shape)} to sizes that no scale gives`);
  useScales(graph, node, [1, ...scales]);
}

/** Every value that is computed from an input has to begin with the batch. */
function check(graph: Graph, states: Map<string, ValueState>, inputs: readonly string[], name: string): void {
  const batched = new Set(inputs);
  for (const node of graph.nodes) {
    if (!node.inputs.some((value) => batched.has(value)) || shapeReaders.has(node.opType)) continue;
    const where = `node "${node.name || node.outputs[0]}" (${node.opType})`;
    for (const output of node.outputs) {
      if (output === "") continue;
      const shape = states.get(output)?.shape;
      if (!shape) refuse(`It is not known whether the batch comes through ${where}`);
      if (shape.length === 0 || typeof shape[0] === "number" || (shape[0] !== name && shape.includes(name)))
        refuse(`The batch gets lost in ${where}, whose output is ${showShape(shape)}`);
      batched.add(output);
    }
  }
}

function refuse(message: string, hint = "The model runs one image at a time. Export it with a dynamic batch dimension."): never {
  throw new AppError("MODEL_UNSUPPORTED", message, { hint });
}

function snapshot(graph: Graph): () => void {
  const nodes = graph.nodes.map((node) => ({ node, inputs: [...node.inputs], attributes: new Map(node.attributes) }));
  const shapes = [...graph.inputs, ...graph.outputs].map((info) => ({ info, shape: info.shape && [...info.shape] }));
  const initializers = new Set(graph.initializers.keys());
  const values = new Map(graph.valueInfo);
  return () => {
    graph.nodes = nodes.map(({ node, inputs, attributes }) => Object.assign(node, { inputs, attributes }));
    for (const { info, shape } of shapes) info.shape = shape;
    for (const name of graph.initializers.keys()) if (!initializers.has(name)) graph.initializers.delete(name);
    for (const [name, info] of values) graph.valueInfo.set(name, info);
    graph.changed();
  };
}
