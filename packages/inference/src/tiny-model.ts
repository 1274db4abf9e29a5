/** Protobuf, just enough for a constant: a length-delimited field below 128 bytes. */
const field = (number: number, content: number[]) => [(number << 3) | 2, content.length, ...content];
const varint = (number: number, value: number) => [number << 3, value];
const text = (value: string) => [...Buffer.from(value)];

function valueInfo(name: string): number[] {
  const shape = field(1, varint(1, TINY_LENGTH));
  const tensor = [...varint(1, 1), ...field(2, shape)];
  return [...field(1, text(name)), ...field(2, field(1, tensor))];
}

export const TINY_LENGTH = 4;

/**
 * The smallest ONNX model with something to compute: y = Relu(x), four floats, opset 13. For trying providers.
 * Field numbers: onnx/onnx.proto (ModelProto, GraphProto, NodeProto, ValueInfoProto).
 */
export function tinyModel(): Uint8Array {
  const node = [...field(1, text("x")), ...field(2, text("y")), ...field(4, text("Relu"))];
  const graph = [...field(1, node), ...field(2, text("tiny")), ...field(11, valueInfo("x")), ...field(12, valueInfo("y"))];
  return Uint8Array.from([...varint(1, 8), ...field(7, graph), ...field(8, varint(2, 13))]);
}
