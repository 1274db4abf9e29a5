import { Graph } from "../ir/graph.ts";
import type { Attribute, GraphNode } from "../ir/model.ts";
import { attributeOf } from "./decode-attribute.ts";
import type { DecodeState } from "./decode-limits.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { decodeValueInfo } from "./decode-value-info.ts";
import { FieldReader } from "./field-reader.ts";
import { graphFields as g, nodeFields as n } from "./fields.ts";
import { invalid } from "./model-error.ts";

/** GraphProto. Initializers are kept by name, so that two of one name are refused. */
export function decodeGraph(message: Uint8Array, state: DecodeState): Graph {
  return state.nested(() => {
    const graph = new Graph();
    const reader = new FieldReader(message, state);
    while (reader.next()) {
      if (reader.field === g.node) graph.nodes.push(decodeNode(reader.bytes(), state));
      else if (reader.field === g.name) graph.name = reader.string();
      else if (reader.field === g.initializer) {
        const tensor = decodeTensor(reader.bytes(), state);
        if (graph.initializers.has(tensor.name)) throw invalid(`The graph has two initializers of the name "${tensor.name}"`);
        graph.initializers.set(tensor.name, tensor);
      } else if (reader.field === g.docString) graph.docString = reader.text();
      else if (reader.field === g.input) graph.inputs.push(decodeValueInfo(reader.bytes(), state));
      else if (reader.field === g.output) graph.outputs.push(decodeValueInfo(reader.bytes(), state));
      else if (reader.field === g.valueInfo) {
        const info = decodeValueInfo(reader.bytes(), state);
        graph.valueInfo.set(info.name, info);
      } else reader.keep();
    }
    const raw = reader.unknown();
    if (raw) graph.raw = raw;
    graph.changed();
    return graph;
  });
}

function decodeNode(message: Uint8Array, state: DecodeState): GraphNode {
  const reader = new FieldReader(message, state);
  const node: GraphNode = { name: "", opType: "", domain: "", inputs: [], outputs: [], attributes: new Map() };
  const attributes: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field === n.input) node.inputs.push(reader.string());
    else if (reader.field === n.output) node.outputs.push(reader.string());
    else if (reader.field === n.name) node.name = reader.string();
    else if (reader.field === n.opType) node.opType = reader.string();
    else if (reader.field === n.attribute) attributes.push(reader.bytes());
    else if (reader.field === n.docString) node.docString = reader.text();
    else if (reader.field === n.domain) node.domain = canonicalDomain(reader.string());
    else reader.keep();
  }
  // Read last, so that an error can name the node whichever field comes first.
  for (const bytes of attributes) {
    const [name, attribute] = attributeIn(node, bytes, state);
    if (node.attributes.has(name)) throw invalid(`Node "${node.name}" (${node.opType}) has the attribute "${name}" twice`);
    node.attributes.set(name, attribute);
  }
  const raw = reader.unknown();
  if (raw) node.raw = raw;
  if (node.docString === "") delete node.docString;
  return node;
}

function attributeIn(node: GraphNode, bytes: Uint8Array, state: DecodeState): [string, Attribute] {
  return attributeOf(bytes, state, (graph) => decodeGraph(graph, state), `node "${node.name}" (${node.opType})`);
}

/** "ai.onnx" is another spelling of ONNX's own domain. */
export function canonicalDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}
