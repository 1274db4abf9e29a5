import { AppError } from "@octet/shared/errors";
import type { Graph } from "../ir/graph.ts";
import type { Model } from "../ir/model.ts";
import { canonicalDomain, decodeGraph } from "./decode-graph.ts";
import { type DecodeLimits, DecodeState, decodeLimits, type ExternalData } from "./decode-limits.ts";
import { decodeEntry } from "./decode-tensor.ts";
import { FieldReader } from "./field-reader.ts";
import { modelFields as f, opsetFields } from "./fields.ts";
import { invalid } from "./model-error.ts";

export interface DecodeOptions {
  /** Fetches tensors that lie in other files; without it such a model is refused. */
  externalData?: ExternalData;
  limits?: Partial<DecodeLimits>;
}

/**
 * An ONNX file (ModelProto) as a model. Nothing is lost but the form that tensor data came in: fields that the model does
 * not express are kept as bytes. Safe on hostile input: memory stays within a small multiple of the file and the limits.
 * Whether the model makes sense is for `checkModel` to say.
 * @throws AppError MODEL_INVALID, MODEL_UNSUPPORTED
 */
export function decodeModel(bytes: Uint8Array, { externalData, limits }: DecodeOptions = {}): Model {
  try {
    // A Buffer's slice() would share its memory.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return decode(plain, new DecodeState({ ...decodeLimits, ...limits }, externalData));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw invalid(`The file is no ONNX model, or a damaged one: ${error instanceof Error ? error.message : error}`, undefined, error);
  }
}

function decode(bytes: Uint8Array, state: DecodeState): Model {
  const reader = new FieldReader(bytes, state);
  const header = { irVersion: 0, producerName: "", producerVersion: "", domain: "", modelVersion: 0n, docString: "" };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  let graph: Graph | undefined;
  while (reader.next()) {
    if (reader.field === f.irVersion) header.irVersion = Number(reader.int64());
    else if (reader.field === f.producerName) header.producerName = reader.text();
    else if (reader.field === f.producerVersion) header.producerVersion = reader.text();
    else if (reader.field === f.domain) header.domain = reader.text();
    else if (reader.field === f.modelVersion) header.modelVersion = reader.int64();
    else if (reader.field === f.docString) header.docString = reader.text();
    else if (reader.field === f.graph) {
      if (graph) throw invalid("The file holds two graphs");
      graph = decodeGraph(reader.bytes(), state);
    } else if (reader.field === f.opsetImport) opsets.set(...decodeOpset(reader.bytes(), state));
    else if (reader.field === f.metadataProps) metadata.set(...decodeEntry(reader.bytes(), state));
    else reader.keep();
  }
  if (!graph) throw invalid("The file holds no graph");
  const raw = reader.unknown();
  return { ...header, opsets, metadata, graph, ...(raw ? { raw } : {}) };
}

function decodeOpset(message: Uint8Array, state: DecodeState): [domain: string, version: number] {
  const reader = new FieldReader(message, state);
  let [domain, version] = ["", 0];
  while (reader.next()) {
    if (reader.field === opsetFields.domain) domain = canonicalDomain(reader.string());
    else if (reader.field === opsetFields.version) version = Number(reader.int64());
    else reader.keep();
  }
  return [domain, version];
}
