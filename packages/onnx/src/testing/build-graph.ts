import { Graph } from "../ir/graph.ts";
import type { DataType } from "../ir/data-type.ts";
import type { Attribute, Dim, Model } from "../ir/model.ts";
import type { Tensor } from "../ir/tensor.ts";

/** A model with an empty graph, for tests. */
export function newModel(opset = 17): Model {
  const graph = new Graph();
  graph.name = "test";
  return {
    irVersion: 8,
    opsets: new Map([["", opset]]),
    producerName: "octet-test",
    producerVersion: "",
    domain: "",
    modelVersion: 0n,
    docString: "",
    metadata: new Map(),
    graph,
  };
}

export function addInput(model: Model, name: string, shape: Dim[] | null, dataType: DataType = "float32"): string {
  model.graph.inputs.push({ name, dataType, shape });
  model.graph.changed();
  return name;
}

export function addOutput(model: Model, name: string, shape: Dim[] | null = null, dataType: DataType = "float32"): string {
  model.graph.outputs.push({ name, dataType, shape });
  model.graph.changed();
  return name;
}

type Simple = number | string | readonly number[] | Tensor;

/** Numbers as ints, `{ float }` not being needed: a number with a fraction is a float, a tensor a tensor. */
function attributeOf(value: Simple): Attribute {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "number") return Number.isInteger(value) ? { type: "int", value: BigInt(value) } : { type: "float", value };
  if ("dims" in value) return { type: "tensor", value };
  return value.every(Number.isInteger) ? { type: "ints", value: value.map(BigInt) } : { type: "floats", value: [...value] };
}

/** Adds a node with one output of the name `output`, and gives that name. */
export function addOp(
  model: Model,
  opType: string,
  inputs: string[],
  output: string | string[],
  attributes: Record<string, Simple> = {},
): string {
  const outputs = typeof output === "string" ? [output] : output;
  const map = new Map(Object.entries(attributes).map(([key, value]) => [key, attributeOf(value)]));
  model.graph.addNode({ opType, inputs, outputs, attributes: map, name: `node_${outputs[0]}` });
  return outputs[0]!;
}

export function floatTensor(name: string, dims: number[], values: ArrayLike<number> | ((at: number) => number)): Tensor {
  const length = dims.reduce((a, b) => a * b, 1);
  const data = typeof values === "function" ? Float32Array.from({ length }, (_, at) => values(at)) : Float32Array.from(values);
  return { name, dataType: "float32", dims, data };
}

export function intTensor(name: string, dims: number[], values: readonly number[]): Tensor {
  return { name, dataType: "int64", dims, data: BigInt64Array.from(values, BigInt) };
}
