import type { DataType } from "./data-type.ts";
import type { Graph } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** A fixed size, a symbol ("batch"), or null where nothing is known. */
export type Dim = number | string | null;

/** A value as the graph declares it. `shape` is null where even the rank is unknown; `dataType` is null for values that are no dense tensors. */
export interface ValueInfo {
  name: string;
  dataType: DataType | null;
  shape: Dim[] | null;
  docString?: string;
  /** What the typed part does not express (sequences, maps, denotations): the message's own bytes, written back as they came. */
  raw?: Uint8Array;
}

export type Attribute = (
  | { type: "int"; value: bigint }
  | { type: "float"; value: number }
  | { type: "string"; value: string }
  | { type: "ints"; value: bigint[] }
  | { type: "floats"; value: number[] }
  | { type: "strings"; value: string[] }
  | { type: "tensor"; value: Tensor }
  | { type: "tensors"; value: Tensor[] }
  | { type: "graph"; value: Graph }
  | { type: "graphs"; value: Graph[] }
  /** Everything else (sparse tensors, types, references, strings that are no UTF-8): the message's bytes, written back as they came. */
  | { type: "raw"; value: Uint8Array }
) & { docString?: string };

export interface GraphNode {
  name: string;
  opType: string;
  /** "" is ONNX's own. */
  domain: string;
  /** "" for an optional input that is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
  docString?: string;
  /** Fields that the typed part does not know, written back as they came. */
  raw?: Uint8Array;
}

/** One ONNX model. Opset versions by domain ("" is ONNX's own). */
export interface Model {
  irVersion: number;
  opsets: Map<string, number>;
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: bigint;
  docString: string;
  metadata: Map<string, string>;
  graph: Graph;
  /** Fields that the typed part does not know (functions, training info), written back as they came. */
  raw?: Uint8Array;
}

/** The integer attribute `name`, or `fallback` where the node has none. */
export function intAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.type === "int" ? Number(attribute.value) : fallback;
}

/** The integer list attribute `name`, or `fallback` where the node has none. */
export function intsAttribute(node: GraphNode, name: string, fallback: readonly number[]): number[] {
  const attribute = node.attributes.get(name);
  return attribute?.type === "ints" ? attribute.value.map(Number) : [...fallback];
}

/** The float attribute `name`, or `fallback` where the node has none. */
export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.type === "float" ? attribute.value : fallback;
}

/** The string attribute `name`, or `fallback` where the node has none. */
export function stringAttribute(node: GraphNode, name: string, fallback: string): string {
  const attribute = node.attributes.get(name);
  return attribute?.type === "string" ? attribute.value : fallback;
}
