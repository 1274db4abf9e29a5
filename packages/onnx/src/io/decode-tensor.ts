import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { DataType } from "../ir/data-type.ts";
import { arrayFromBytes, bytesOf, bytesPerElement, newTensorArray, storageLength } from "../ir/storage.ts";
import type { Tensor, TensorArray } from "../ir/tensor.ts";
import type { DecodeState } from "./decode-limits.ts";
import { FieldReader } from "./field-reader.ts";
import { dataTypeOf, entryFields, tensorFields as f } from "./fields.ts";
import { invalid, unsupported } from "./model-error.ts";

type Scalar = "float" | "double" | "int32" | "int64" | "uint64";

/** TensorProto: the data in raw_data, in the field of its type, or in another file. */
export function decodeTensor(message: Uint8Array, state: DecodeState): Tensor {
  const reader = new FieldReader(message, state);
  const dims: bigint[] = [];
  const scalars = new Map<Scalar, Uint8Array[]>();
  const strings: string[] = [];
  const external = new Map<string, string>();
  let [name, docString] = ["", ""];
  let [typeNumber, location] = [0, 0];
  let raw: Uint8Array | undefined;
  const add = (kind: Scalar) => {
    const list = scalars.get(kind);
    if (list) list.push(reader.scalars());
    else scalars.set(kind, [reader.scalars()]);
  };
  while (reader.next()) {
    if (reader.field === f.dims) reader.int64s(dims);
    else if (reader.field === f.dataType) typeNumber = reader.int32();
    else if (reader.field === f.segment) throw unsupported("A tensor comes in segments", "Export the model again with a current exporter.");
    else if (reader.field === f.floatData) add("float");
    else if (reader.field === f.int32Data) add("int32");
    else if (reader.field === f.stringData) strings.push(reader.string());
    else if (reader.field === f.int64Data) add("int64");
    else if (reader.field === f.name) name = reader.string();
    else if (reader.field === f.rawData) raw = reader.bytes();
    else if (reader.field === f.doubleData) add("double");
    else if (reader.field === f.uint64Data) add("uint64");
    else if (reader.field === f.docString) docString = reader.text();
    else if (reader.field === f.externalData) external.set(...decodeEntry(reader.bytes(), state));
    else if (reader.field === f.dataLocation) location = reader.int32();
    else reader.keep();
  }
  const dataType = dataTypeOf(typeNumber);
  if (!dataType) throw unsupported(`Tensor "${name}" is of type ${typeNumber}, which is not known`, "Export the model in float32.");
  const shape = checkDims(name, dims, state);
  const needed = storageLength(dataType, shape);
  const header = { name, dataType, dims: shape };
  const data =
    location === 1
      ? externalArray(header, needed, external, state)
      : (rawArray(header, needed, raw) ?? typedArray(header, needed, scalars, strings));
  const unknown = reader.unknown();
  return { ...header, data, ...(docString ? { docString } : {}), ...(unknown ? { raw: unknown } : {}) };
}

/** StringStringEntryProto */
export function decodeEntry(message: Uint8Array, state: DecodeState): [key: string, value: string] {
  const reader = new FieldReader(message, state);
  let [key, value] = ["", ""];
  while (reader.next()) {
    if (reader.field === entryFields.key) key = reader.string();
    else if (reader.field === entryFields.value) value = reader.text();
    else reader.keep();
  }
  return [key, value];
}

type Header = Pick<Tensor, "name" | "dataType" | "dims">;

function checkDims(name: string, dims: bigint[], { limits }: DecodeState): number[] {
  if (dims.length > limits.rank) throw invalid(`Tensor "${name}" has ${dims.length} dimensions`);
  let count = 1n;
  for (const dim of dims) {
    if (dim < 0n) throw invalid(`Tensor "${name}" has the size ${dim} in its shape [${dims.join(", ")}]`);
    count *= dim;
  }
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`Tensor "${name}" says it has ${count} elements`);
  return dims.map(Number);
}

function mismatch({ name, dataType, dims }: Header, needed: number, found: number, unit: string): never {
  throw invalid(`Tensor "${name}" (${dataType} [${dims.join(", ")}]) needs ${needed} ${unit} and the file has ${found}`);
}

function rawArray(header: Header, needed: number, raw: Uint8Array | undefined): TensorArray | undefined {
  const { dataType, name } = header;
  if (!raw || (raw.byteLength === 0 && dataType === "string")) return undefined;
  if (dataType === "string") throw invalid(`Tensor "${name}" has its strings as raw data`);
  const bytes = needed * bytesPerElement(dataType);
  if (raw.byteLength === 0 && bytes > 0) return undefined;
  if (raw.byteLength !== bytes) mismatch(header, bytes, raw.byteLength, "bytes");
  return arrayFromBytes(dataType, raw);
}

function externalArray(header: Header, needed: number, external: Map<string, string>, { externalData }: DecodeState): TensorArray {
  const { name, dataType } = header;
  const location = external.get("location") ?? "";
  if (!externalData)
    throw invalid(
      `The data of tensor "${name}" lies in another file, "${location}"`,
      "Open the model by its path, with that file beside it.",
    );
  if (dataType === "string") throw invalid(`Tensor "${name}" has its strings in another file`);
  const number = (key: string): number | undefined => {
    const text = external.get(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw invalid(`The ${key} of tensor "${name}" in "${location}" is "${text}"`);
    return Number(text);
  };
  const bytes = needed * bytesPerElement(dataType);
  const length = number("length");
  if (length !== undefined && length !== bytes) mismatch(header, bytes, length, "bytes");
  const found = externalData({ location, offset: number("offset") ?? 0, length: bytes, tensor: name });
  if (found.byteLength !== bytes) mismatch(header, bytes, found.byteLength, "bytes");
  return arrayFromBytes(dataType, found);
}

/** Which typed field holds the elements of a type (onnx.proto's comments on TensorProto). */
function scalarOf(dataType: DataType): Scalar {
  switch (dataType) {
    case "float32":
    case "complex64":
      return "float";
    case "float64":
    case "complex128":
      return "double";
    case "int64":
      return "int64";
    case "uint32":
    case "uint64":
      return "uint64";
    default:
      return "int32";
  }
}

const smallestBytes: Record<Scalar, number> = { float: 4, double: 8, int32: 1, int64: 1, uint64: 1 };

function typedArray(header: Header, needed: number, scalars: Map<Scalar, Uint8Array[]>, strings: string[]): TensorArray {
  const { dataType } = header;
  if (dataType === "string") {
    if (strings.length !== needed) mismatch(header, needed, strings.length, "strings");
    return strings;
  }
  const kind = scalarOf(dataType);
  const chunks = scalars.get(kind) ?? [];
  const available = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // Before memory is taken: no more elements than the bytes could hold.
  if (available < needed * smallestBytes[kind]) mismatch(header, needed, Math.floor(available / smallestBytes[kind]), "elements at least");
  const data = newTensorArray(dataType, needed) as Exclude<TensorArray, string[]>;
  let at = 0;
  if (kind === "float" || kind === "double") {
    // Little-endian on the wire as in memory, packed or one by one.
    if (available !== data.byteLength) mismatch(header, needed, available / smallestBytes[kind], "elements");
    const target = bytesOf(data);
    for (const chunk of chunks) {
      target.set(chunk, at);
      at += chunk.byteLength;
    }
    return data;
  }
  for (const chunk of chunks) {
    const reader = new BinaryReader(chunk);
    while (reader.pos < reader.len) {
      if (at >= needed) mismatch(header, needed, at + 1, "elements or more");
      // A typed array wraps what is too large for it: float16 in int32_data is its bit pattern, uint32 in uint64_data its value.
      if (data instanceof BigInt64Array) data[at] = BigInt(reader.int64());
      else if (data instanceof BigUint64Array) data[at] = BigInt(reader.uint64());
      else if (kind === "uint64") data[at] = Number(BigInt.asUintN(32, BigInt(reader.uint64())));
      else data[at] = reader.int32();
      at++;
    }
  }
  if (at !== needed) mismatch(header, needed, at, "elements");
  return data;
}
