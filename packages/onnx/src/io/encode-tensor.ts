import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { dataTypeNumbers } from "../ir/data-type.ts";
import { bytesOf, isStoredAs, storageLength } from "../ir/storage.ts";
import type { Tensor } from "../ir/tensor.ts";
import { entryFields, tensorFields as f } from "./fields.ts";
import { invalid } from "./model-error.ts";

/** Where a tensor's bytes were put, or null for inside the model. */
export type PlaceTensor = (tensor: Tensor, bytes: Uint8Array) => { location: string; offset: number } | null;

/** TensorProto, the data as raw_data (strings as string_data). */
export function encodeTensor(writer: BinaryWriter, tensor: Tensor, place: PlaceTensor = () => null): void {
  const { name, dataType, dims, data, docString, raw } = tensor;
  const needed = storageLength(dataType, dims);
  if (data.length !== needed || !isStoredAs(dataType, data))
    throw invalid(
      `Tensor "${name}" (${dataType} [${dims.join(", ")}]) needs ${needed} elements of its type and has ${data.length} in ${data.constructor.name}`,
      "This is an error in what made the model.",
    );
  if (dims.length > 0) {
    writer.tag(f.dims, WireType.LengthDelimited).fork();
    for (const dim of dims) writer.int64(dim);
    writer.join();
  }
  writer.tag(f.dataType, WireType.Varint).int32(dataTypeNumbers[dataType]);
  if (name) writer.tag(f.name, WireType.LengthDelimited).string(name);
  if (docString) writer.tag(f.docString, WireType.LengthDelimited).string(docString);
  if (Array.isArray(data)) {
    for (const text of data) writer.tag(f.stringData, WireType.LengthDelimited).string(text);
  } else {
    const bytes = bytesOf(data);
    const placed = place(tensor, bytes);
    if (placed) {
      writeEntry(writer, f.externalData, "location", placed.location);
      writeEntry(writer, f.externalData, "offset", String(placed.offset));
      writeEntry(writer, f.externalData, "length", String(bytes.byteLength));
      writer.tag(f.dataLocation, WireType.Varint).int32(1);
    } else writer.tag(f.rawData, WireType.LengthDelimited).bytes(bytes);
  }
  if (raw) writer.raw(raw);
}

/** StringStringEntryProto as field `field`. */
export function writeEntry(writer: BinaryWriter, field: number, key: string, value: string): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  writer.tag(entryFields.key, WireType.LengthDelimited).string(key);
  writer.tag(entryFields.value, WireType.LengthDelimited).string(value);
  writer.join();
}
