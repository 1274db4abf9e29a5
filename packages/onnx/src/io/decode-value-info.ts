import type { DataType } from "../ir/data-type.ts";
import type { Dim, ValueInfo } from "../ir/model.ts";
import type { DecodeState } from "./decode-limits.ts";
import { FieldReader } from "./field-reader.ts";
import { dataTypeOf, dimFields, valueInfoFields as f, shapeFields, tensorTypeFields, typeFields } from "./fields.ts";
import { invalid } from "./model-error.ts";

/** What a part of a type says, and whether it says it all: where not, the message is kept as bytes beside it. */
interface TensorType {
  dataType: DataType | null;
  shape: Dim[] | null;
  whole: boolean;
}

/** ValueInfoProto */
export function decodeValueInfo(message: Uint8Array, state: DecodeState): ValueInfo {
  const reader = new FieldReader(message, state);
  let [name, docString] = ["", ""];
  let type: TensorType = { dataType: null, shape: null, whole: true };
  while (reader.next()) {
    if (reader.field === f.name) name = reader.string();
    else if (reader.field === f.type) type = decodeType(reader.bytes(), state);
    else if (reader.field === f.docString) docString = reader.text();
    else reader.keep();
  }
  const whole = type.whole && !reader.unknown();
  return {
    name,
    dataType: type.dataType,
    shape: type.shape,
    ...(docString ? { docString } : {}),
    ...(whole ? {} : { raw: message.slice() }),
  };
}

function decodeType(message: Uint8Array, state: DecodeState): TensorType {
  const reader = new FieldReader(message, state);
  let type: TensorType | undefined;
  while (reader.next()) {
    if (reader.field === typeFields.tensor) type = decodeTensorType(reader.bytes(), state);
    else reader.keep();
  }
  if (!type) return { dataType: null, shape: null, whole: false };
  return { ...type, whole: type.whole && !reader.unknown() };
}

function decodeTensorType(message: Uint8Array, state: DecodeState): TensorType {
  const reader = new FieldReader(message, state);
  const type: TensorType = { dataType: null, shape: null, whole: true };
  while (reader.next()) {
    if (reader.field === tensorTypeFields.elemType) type.dataType = dataTypeOf(reader.int32()) ?? null;
    else if (reader.field === tensorTypeFields.shape) {
      const shape = new FieldReader(reader.bytes(), state);
      type.shape = [];
      while (shape.next()) {
        if (shape.field !== shapeFields.dim) shape.keep();
        else if (type.shape.length >= state.limits.rank) throw invalid(`A value's shape has more than ${state.limits.rank} dimensions`);
        else {
          const { dim, whole } = decodeDim(shape.bytes(), state);
          type.shape.push(dim);
          type.whole &&= whole;
        }
      }
      type.whole &&= !shape.unknown();
    } else reader.keep();
  }
  type.whole &&= type.dataType !== null && !reader.unknown();
  return type;
}

function decodeDim(message: Uint8Array, state: DecodeState): { dim: Dim; whole: boolean } {
  const reader = new FieldReader(message, state);
  let dim: Dim = null;
  while (reader.next()) {
    if (reader.field === dimFields.value) {
      const value = Number(reader.int64());
      if (!Number.isSafeInteger(value)) throw invalid(`A value's shape holds the size ${value}`);
      dim = value;
    } else if (reader.field === dimFields.param) dim = reader.string() || null;
    else reader.keep();
  }
  return { dim, whole: !reader.unknown() };
}
