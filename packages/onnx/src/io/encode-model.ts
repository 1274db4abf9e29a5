import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Graph } from "../ir/graph.ts";
import type { Attribute, GraphNode, Model } from "../ir/model.ts";
import { encodeTensor, type PlaceTensor, writeEntry } from "./encode-tensor.ts";
import { encodeValueInfo } from "./encode-value-info.ts";
import { attributeFields as a, attributeTypes, graphFields as g, modelFields as m, nodeFields as n, opsetFields } from "./fields.ts";
import { unsupported } from "./model-error.ts";

/** Protobuf's own limit for a message. */
const MAX_BYTES = 2 ** 31 - 1;

export interface EncodeOptions {
  /** Puts tensors elsewhere; asked for each one of the graph and its inner graphs. */
  place?: PlaceTensor;
}

/** The model as an ONNX file. @throws AppError MODEL_INVALID where a tensor's data does not fit its shape, MODEL_UNSUPPORTED over 2 GB */
export function encodeModel(model: Model, { place }: EncodeOptions = {}): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(m.irVersion, WireType.Varint).int64(model.irVersion);
  for (const [field, text] of [
    [m.producerName, model.producerName],
    [m.producerVersion, model.producerVersion],
    [m.domain, model.domain],
  ] as const)
    if (text) writer.tag(field, WireType.LengthDelimited).string(text);
  if (model.modelVersion !== 0n) writer.tag(m.modelVersion, WireType.Varint).int64(model.modelVersion);
  if (model.docString) writer.tag(m.docString, WireType.LengthDelimited).string(model.docString);
  writer.tag(m.graph, WireType.LengthDelimited).fork();
  encodeGraph(writer, model.graph, place);
  writer.join();
  for (const [domain, version] of model.opsets) {
    writer.tag(m.opsetImport, WireType.LengthDelimited).fork();
    if (domain) writer.tag(opsetFields.domain, WireType.LengthDelimited).string(domain);
    writer.tag(opsetFields.version, WireType.Varint).int64(version).join();
  }
  for (const [key, value] of model.metadata) writeEntry(writer, m.metadataProps, key, value);
  if (model.raw) writer.raw(model.raw);
  const bytes = writer.finish();
  if (bytes.byteLength > MAX_BYTES)
    throw unsupported(`The model takes ${bytes.byteLength} bytes, and an ONNX file holds ${MAX_BYTES}`, "Write it with external data.");
  return bytes;
}

function encodeGraph(writer: BinaryWriter, graph: Graph, place?: PlaceTensor): void {
  for (const node of graph.nodes) {
    writer.tag(g.node, WireType.LengthDelimited).fork();
    encodeNode(writer, node, place);
    writer.join();
  }
  if (graph.name) writer.tag(g.name, WireType.LengthDelimited).string(graph.name);
  for (const tensor of graph.initializers.values()) {
    writer.tag(g.initializer, WireType.LengthDelimited).fork();
    encodeTensor(writer, tensor, place);
    writer.join();
  }
  if (graph.docString) writer.tag(g.docString, WireType.LengthDelimited).string(graph.docString);
  for (const [field, infos] of [
    [g.input, graph.inputs],
    [g.output, graph.outputs],
    [g.valueInfo, graph.valueInfo.values()],
  ] as const)
    for (const info of infos) {
      writer.tag(field, WireType.LengthDelimited).fork();
      encodeValueInfo(writer, info);
      writer.join();
    }
  if (graph.raw) writer.raw(graph.raw);
}

function encodeNode(writer: BinaryWriter, node: GraphNode, place?: PlaceTensor): void {
  for (const input of node.inputs) writer.tag(n.input, WireType.LengthDelimited).string(input);
  for (const output of node.outputs) writer.tag(n.output, WireType.LengthDelimited).string(output);
  if (node.name) writer.tag(n.name, WireType.LengthDelimited).string(node.name);
  writer.tag(n.opType, WireType.LengthDelimited).string(node.opType);
  for (const [name, attribute] of node.attributes) {
    writer.tag(n.attribute, WireType.LengthDelimited).fork();
    encodeAttribute(writer, name, attribute, place);
    writer.join();
  }
  if (node.docString) writer.tag(n.docString, WireType.LengthDelimited).string(node.docString);
  if (node.domain) writer.tag(n.domain, WireType.LengthDelimited).string(node.domain);
  if (node.raw) writer.raw(node.raw);
}

function encodeAttribute(writer: BinaryWriter, name: string, attribute: Attribute, place?: PlaceTensor): void {
  if (attribute.type === "raw") {
    writer.raw(attribute.value);
    return;
  }
  writer.tag(a.name, WireType.LengthDelimited).string(name);
  switch (attribute.type) {
    case "float":
      writer.tag(a.f, WireType.Bit32).float(attribute.value);
      break;
    case "int":
      writer.tag(a.i, WireType.Varint).int64(attribute.value);
      break;
    case "string":
      writer.tag(a.s, WireType.LengthDelimited).string(attribute.value);
      break;
    case "tensor":
      writer.tag(a.t, WireType.LengthDelimited).fork();
      encodeTensor(writer, attribute.value, place);
      writer.join();
      break;
    case "graph":
      writer.tag(a.g, WireType.LengthDelimited).fork();
      encodeGraph(writer, attribute.value, place);
      writer.join();
      break;
    // proto2 packs only where it is told to, and AttributeProto is not.
    case "floats":
      for (const value of attribute.value) writer.tag(a.floats, WireType.Bit32).float(value);
      break;
    case "ints":
      for (const value of attribute.value) writer.tag(a.ints, WireType.Varint).int64(value);
      break;
    case "strings":
      for (const value of attribute.value) writer.tag(a.strings, WireType.LengthDelimited).string(value);
      break;
    case "tensors":
      for (const value of attribute.value) {
        writer.tag(a.tensors, WireType.LengthDelimited).fork();
        encodeTensor(writer, value, place);
        writer.join();
      }
      break;
    case "graphs":
      for (const value of attribute.value) {
        writer.tag(a.graphs, WireType.LengthDelimited).fork();
        encodeGraph(writer, value, place);
        writer.join();
      }
      break;
  }
  if (attribute.docString) writer.tag(a.docString, WireType.LengthDelimited).string(attribute.docString);
  writer.tag(a.type, WireType.Varint).int32(attributeTypes[attribute.type]);
}
