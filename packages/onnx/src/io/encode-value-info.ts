import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { dataTypeNumbers } from "../ir/data-type.ts";
import type { ValueInfo } from "../ir/model.ts";
import { DecodeState, decodeLimits } from "./decode-limits.ts";
import { decodeValueInfo } from "./decode-value-info.ts";
import { dimFields, valueInfoFields as f, shapeFields, tensorTypeFields, typeFields } from "./fields.ts";

/** ValueInfoProto. The bytes it came as are written back unless the typed part was changed since. */
export function encodeValueInfo(writer: BinaryWriter, info: ValueInfo): void {
  if (info.raw && isUnchanged(info, info.raw)) {
    writer.raw(info.raw);
    return;
  }
  writer.tag(f.name, WireType.LengthDelimited).string(info.name);
  if (info.docString) writer.tag(f.docString, WireType.LengthDelimited).string(info.docString);
  if (!info.dataType) return;
  writer.tag(f.type, WireType.LengthDelimited).fork();
  writer.tag(typeFields.tensor, WireType.LengthDelimited).fork();
  writer.tag(tensorTypeFields.elemType, WireType.Varint).int32(dataTypeNumbers[info.dataType]);
  if (info.shape) {
    writer.tag(tensorTypeFields.shape, WireType.LengthDelimited).fork();
    for (const dim of info.shape) {
      writer.tag(shapeFields.dim, WireType.LengthDelimited).fork();
      if (typeof dim === "number") writer.tag(dimFields.value, WireType.Varint).int64(dim);
      else if (dim) writer.tag(dimFields.param, WireType.LengthDelimited).string(dim);
      writer.join();
    }
    writer.join();
  }
  writer.join().join();
}

function isUnchanged(info: ValueInfo, raw: Uint8Array): boolean {
  const came = decodeValueInfo(raw, new DecodeState(decodeLimits, undefined));
  return (
    came.name === info.name &&
    came.dataType === info.dataType &&
    came.docString === info.docString &&
    JSON.stringify(came.shape) === JSON.stringify(info.shape)
  );
}
