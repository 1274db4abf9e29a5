import { AppError } from "@octet/shared/errors";
import { roundHalfToEven } from "@octet/shared/rounding";
import type { Graph } from "../ir/graph.ts";
import type { GraphNode, Model } from "../ir/model.ts";
import { addFloats, constantOf } from "./constants-of.ts";

export interface TakeBytesOptions {
  /** The image input; float32, of which (byte − mean) · scale is made. */
  input: string;
  mean: number;
  scale: number;
}

/**
 * Makes an image input take bytes (uint8) and puts the arithmetic into the graph: a quarter of the bytes travel to a GPU, which
 * does in passing what costs a CPU core milliseconds. On a CPU, too, it is faster than a loop in JavaScript over all values, but
 * gains nothing where mean is 0 and scale 1. Float32 arithmetic: exact
 * where scale is a power of two, else within one unit in the last place of the same in double precision. Where the
 * image is quantised to the very bytes that it is made of, as 8-bit models do, there is no arithmetic at all.
 * @returns a pass that says whether nothing reads the image but as bytes
 * @throws AppError MODEL_UNSUPPORTED where there is no such input, or it is not float32
 */
export function takeBytes({ input, mean, scale }: TakeBytesOptions): (model: Model) => boolean {
  return ({ graph }) => {
    const image = graph.inputs.find(({ name }) => name === input);
    if (image?.dataType !== "float32")
      throw new AppError("MODEL_UNSUPPORTED", `"${input}" is ${image ? `${image.dataType}, not float32` : "no input of this model"}`);
    image.dataType = "uint8";
    graph.changed();
    const own = new Set<string>();
    const add = (opType: string, inputs: string[], attributes = new Map()): string => {
      const name = graph.freshName(`${input}_${opType.toLowerCase()}`);
      own.add(name);
      graph.addNode({ opType, inputs, outputs: [name], attributes, name }, graph.nodes[own.size - 1]);
      return name;
    };
    // 1: float, in TensorProto.DataType.
    let value = add("Cast", [input], new Map([["to", { type: "int", value: 1n }]]));
    if (mean !== 0) value = add("Sub", [value, addFloats(graph, `${input}_mean`, [mean], [])]);
    if (scale !== 1) value = add("Mul", [value, addFloats(graph, `${input}_scale`, [scale], [])]);
    graph.replaceUses(input, value, (node) => own.has(node.outputs[0]!));
    const floats = Float32Array.from({ length: 256 }, (_, byte) => Math.fround(byte - mean) * Math.fround(scale));
    for (const node of graph.consumers(value))
      if (givesBytesBack(graph, node, floats)) {
        graph.replaceUses(node.outputs[0]!, input);
        graph.removeNode(node);
      }
    if (graph.consumers(value).length > 0 || graph.isOutput(value)) return false;
    graph.removeNodes(graph.nodes.filter(({ outputs }) => own.has(outputs[0]!)));
    graph.prune();
    return true;
  };
}

/** Whether a node quantises the values of all bytes, in their order, to these bytes. Rounds half to even, as ONNX has it. */
function givesBytesBack(graph: Graph, node: GraphNode, floats: Float32Array): boolean {
  if (node.opType !== "QuantizeLinear" || graph.isOutput(node.outputs[0]!)) return false;
  const [scale, zeroPoint] = node.inputs.slice(1).map((name) => constantOf(graph, name));
  if (scale?.data.length !== 1 || zeroPoint?.data.length !== 1 || zeroPoint.dataType !== "uint8") return false;
  return floats.every((value, byte) => roundHalfToEven(Math.fround(value / Number(scale.data[0]))) + Number(zeroPoint.data[0]) === byte);
}
