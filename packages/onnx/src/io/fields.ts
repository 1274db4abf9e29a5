import { type DataType, dataTypeNumbers } from "../ir/data-type.ts";

/**
 * Field numbers of the messages in onnx.proto (ONNX 1.20, IR version 13), by message. Fields that are not named here are
 * kept as bytes. A number never changes its meaning.
 */
export const modelFields = {
  irVersion: 1,
  producerName: 2,
  producerVersion: 3,
  domain: 4,
  modelVersion: 5,
  docString: 6,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
} as const;

export const opsetFields = { domain: 1, version: 2 } as const;

/** StringStringEntryProto */
export const entryFields = { key: 1, value: 2 } as const;

export const graphFields = { node: 1, name: 2, initializer: 5, docString: 10, input: 11, output: 12, valueInfo: 13 } as const;

export const nodeFields = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, docString: 6, domain: 7 } as const;

export const attributeFields = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  docString: 13,
  type: 20,
} as const;

/** AttributeProto.AttributeType */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
} as const;

export const tensorFields = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  docString: 12,
  externalData: 13,
  dataLocation: 14,
} as const;

export const valueInfoFields = { name: 1, type: 2, docString: 3 } as const;

/** TypeProto, TypeProto.Tensor, TensorShapeProto and its Dimension. */
export const typeFields = { tensor: 1 } as const;
export const tensorTypeFields = { elemType: 1, shape: 2 } as const;
export const shapeFields = { dim: 1 } as const;
export const dimFields = { value: 1, param: 2 } as const;

const dataTypes = new Map<number, DataType>(Object.entries(dataTypeNumbers).map(([name, number]) => [number, name as DataType]));

export function dataTypeOf(number: number): DataType | undefined {
  return dataTypes.get(number);
}
