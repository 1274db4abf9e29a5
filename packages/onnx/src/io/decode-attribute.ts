import type { Graph } from "../ir/graph.ts";
import type { Attribute } from "../ir/model.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { DecodeState } from "./decode-limits.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { FieldReader } from "./field-reader.ts";
import { attributeFields as f, attributeTypes } from "./fields.ts";
import { invalid } from "./model-error.ts";

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const typeNames = new Map<number, keyof typeof attributeTypes>(
  Object.entries(attributeTypes).map(([name, number]) => [number, name as keyof typeof attributeTypes]),
);

/**
 * AttributeProto. Graphs are decoded by `graphOf`: the two messages hold each other.
 * Files of IR version 1 leave out the type; there it follows from the field that is set.
 */
export function attributeOf(
  message: Uint8Array,
  state: DecodeState,
  graphOf: (bytes: Uint8Array) => Graph,
  where: string,
): [name: string, attribute: Attribute] {
  const reader = new FieldReader(message, state);
  const floats: number[] = [];
  const ints: bigint[] = [];
  const strings: Uint8Array[] = [];
  const tensors: Tensor[] = [];
  const graphs: Graph[] = [];
  let [name, docString] = ["", ""];
  let type: keyof typeof attributeTypes | "other" | undefined;
  let [float, int] = [0, 0n];
  let text: Uint8Array = new Uint8Array(0);
  let tensor: Tensor | undefined;
  let graph: Graph | undefined;
  let seen: keyof typeof attributeTypes | undefined;
  while (reader.next()) {
    if (reader.field === f.name) name = reader.string();
    else if (reader.field === f.f) [float, seen] = [reader.float(), "float"];
    else if (reader.field === f.i) [int, seen] = [reader.int64(), "int"];
    else if (reader.field === f.s) [text, seen] = [reader.bytes(), "string"];
    else if (reader.field === f.t) [tensor, seen] = [decodeTensor(reader.bytes(), state), "tensor"];
    else if (reader.field === f.g) [graph, seen] = [graphOf(reader.bytes()), "graph"];
    else if (reader.field === f.floats) {
      reader.floats(floats);
      seen = "floats";
    } else if (reader.field === f.ints) {
      reader.int64s(ints);
      seen = "ints";
    } else if (reader.field === f.strings) {
      state.charge(1);
      strings.push(reader.bytes());
      seen = "strings";
    } else if (reader.field === f.tensors) {
      tensors.push(decodeTensor(reader.bytes(), state));
      seen = "tensors";
    } else if (reader.field === f.graphs) {
      graphs.push(graphOf(reader.bytes()));
      seen = "graphs";
    } else if (reader.field === f.docString) docString = reader.text();
    else if (reader.field === f.type) {
      const number = reader.int32();
      type = number === 0 ? undefined : (typeNames.get(number) ?? "other");
    } else reader.keep();
  }
  const need = <T>(value: T | undefined): T => {
    if (value === undefined) throw invalid(`Attribute "${name}" of ${where} has no value`);
    return value;
  };
  const raw = (): Attribute => ({ type: "raw", value: message.slice() });
  const attribute = (): Attribute => {
    if (reader.unknown()) return raw();
    switch (type ?? seen) {
      case "float":
        return { type: "float", value: float };
      case "int":
        return { type: "int", value: int };
      case "string":
        return orRaw(() => ({ type: "string", value: strictUtf8.decode(text) }), raw);
      case "tensor":
        return { type: "tensor", value: need(tensor) };
      case "graph":
        return { type: "graph", value: need(graph) };
      case "floats":
        return { type: "floats", value: floats };
      case "ints":
        return { type: "ints", value: ints };
      case "strings":
        return orRaw(() => ({ type: "strings", value: strings.map((bytes) => strictUtf8.decode(bytes)) }), raw);
      case "tensors":
        return { type: "tensors", value: tensors };
      case "graphs":
        return { type: "graphs", value: graphs };
      default:
        return raw();
    }
  };
  const decoded = attribute();
  return [name, docString && decoded.type !== "raw" ? { ...decoded, docString } : decoded];
}

function orRaw(decode: () => Attribute, raw: () => Attribute): Attribute {
  try {
    return decode();
  } catch {
    return raw();
  }
}
