import type { Graph } from "../ir/graph.ts";
import { floatAttribute, type GraphNode, intAttribute, intsAttribute, type Model, stringAttribute } from "../ir/model.ts";
import { elementCount, type Tensor } from "../ir/tensor.ts";
import { addFloats, constantOf } from "./constants-of.ts";

/** y = scale · x + shift, per channel, or one pair for all. */
interface Affine {
  scale: Float64Array;
  shift: Float64Array;
}

/**
 * Folds BatchNormalization, and Mul, Div, Add and Sub by constants per channel, into the Conv, ConvTranspose or Gemm before
 * them, and into a Conv after them where that is exact (no padding, or nothing added). Says how many nodes went. Quantising needs it: weights are
 * to be measured as they multiply, and a separate scale would be rounded once more. Computed in double, stored as float32.
 */
export function foldBatchNorm(): (model: Model) => number {
  return ({ graph }) => {
    const before = graph.nodes.length;
    for (let changed = true; changed; ) {
      changed = false;
      for (const node of [...graph.nodes]) {
        const affine = affineOf(graph, node);
        if (affine && (foldBackward(graph, node, affine) || foldForward(graph, node, affine))) changed = true;
      }
    }
    graph.prune();
    return before - graph.nodes.length;
  };
}

/** Which input of the node is the data, and what is done to it; undefined where the node is no such function. */
function affineOf(graph: Graph, node: GraphNode): (Affine & { input: string }) | undefined {
  if (node.domain !== "") return undefined;
  if (node.opType === "BatchNormalization") {
    if (intAttribute(node, "training_mode", 0) === 1 || intAttribute(node, "spatial", 1) === 0) return undefined;
    if (node.outputs.slice(1).some((name) => name !== "" && (graph.consumers(name).length > 0 || graph.isOutput(name)))) return undefined;
    const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((position) => floats(constantOf(graph, node.inputs[position])));
    if (!gamma || !beta || !mean || !variance) return undefined;
    const epsilon = floatAttribute(node, "epsilon", 1e-5);
    const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c]! + epsilon));
    return { input: node.inputs[0]!, scale, shift: Float64Array.from(beta, (b, c) => b - mean[c]! * scale[c]!) };
  }
  if (!["Mul", "Div", "Add", "Sub"].includes(node.opType) || node.inputs.length !== 2) return undefined;
  const at = constantOf(graph, node.inputs[1]) ? 1 : constantOf(graph, node.inputs[0]) ? 0 : -1;
  // c − x turns the sign, c / x is not linear.
  if (at < 0 || (at === 0 && (node.opType === "Div" || node.opType === "Sub"))) return undefined;
  const constant = constantOf(graph, node.inputs[at])!;
  const values = floats(constant);
  if (!values || constant.dims.filter((dim) => dim !== 1).length > 1) return undefined;
  const list = Float64Array.from(values);
  if (node.opType === "Div" && list.includes(0)) return undefined;
  const none = new Float64Array(list.length);
  const input = node.inputs[1 - at]!;
  if (node.opType === "Mul") return { input, scale: list, shift: none };
  if (node.opType === "Div") return { input, scale: list.map((value) => 1 / value), shift: none };
  return { input, scale: none.map(() => 1), shift: node.opType === "Add" ? list : list.map((value) => -value) };
}

function floats(tensor: Tensor | undefined): Float32Array | undefined {
  return tensor?.data instanceof Float32Array ? tensor.data : undefined;
}

/** Whether a constant, broadcast to a value of rank `rank`, is the same for all or runs along axis 1 alone. */
function alongChannels(constant: Tensor | undefined, rank: number): boolean {
  if (!constant || elementCount(constant.dims) === 1) return !constant || constant.dims.length <= rank;
  const at = constant.dims.findIndex((dim) => dim !== 1);
  return constant.dims.length <= rank && rank - constant.dims.length + at === 1;
}

const constantInput = (graph: Graph, node: GraphNode): Tensor | undefined =>
  node.opType === "BatchNormalization" ? undefined : (constantOf(graph, node.inputs[1]) ?? constantOf(graph, node.inputs[0]));

function onlyReader(graph: Graph, value: string, reader: GraphNode): boolean {
  const consumers = graph.consumers(value);
  return (
    consumers.length === 1 &&
    consumers[0] === reader &&
    !graph.isOutput(value) &&
    reader.inputs.filter((name) => name === value).length === 1
  );
}

function foldBackward(graph: Graph, node: GraphNode, { input, scale, shift }: Affine & { input: string }): boolean {
  const layer = graph.producer(input);
  if (layer?.domain !== "" || !["Conv", "ConvTranspose", "Gemm"].includes(layer.opType) || !onlyReader(graph, input, node)) return false;
  const weights = constantOf(graph, layer.inputs[1]);
  const bias = layer.inputs[2] ? constantOf(graph, layer.inputs[2]) : undefined;
  const w = floats(weights);
  if (!weights || !w || (layer.inputs[2] && (!floats(bias) || bias!.dims.length !== 1))) return false;
  if (!alongChannels(constantInput(graph, node), layer.opType === "Gemm" ? 2 : weights.dims.length)) return false;
  const shape = outputChannels(layer, weights);
  if (!shape || (scale.length !== 1 && scale.length !== shape.channels) || (bias && bias.dims[0] !== shape.channels)) return false;
  const at = (list: Float64Array, channel: number) => list[list.length === 1 ? 0 : channel]!;
  const scaled = Float32Array.from(w, (value, position) => value * at(scale, shape.channelOf(position)));
  const added = Float32Array.from({ length: shape.channels }, (_, c) => (floats(bias)?.[c] ?? 0) * at(scale, c) + at(shift, c));
  layer.inputs[1] = addFloats(graph, layer.inputs[1]!, scaled, weights.dims);
  layer.inputs[2] = addFloats(graph, layer.inputs[2] || `${layer.name || layer.outputs[0]}_bias`, added);
  takeOver(graph, layer, node);
  return true;
}

/** Output channels, and which one a weight's position belongs to. */
function outputChannels(layer: GraphNode, { dims }: Tensor): { channels: number; channelOf: (position: number) => number } | undefined {
  if (layer.opType === "Conv") {
    const per = elementCount(dims.slice(1));
    return { channels: dims[0]!, channelOf: (position) => Math.floor(position / per) };
  }
  if (layer.opType === "ConvTranspose") {
    // [in, out / group, kernel]: the group follows from the input channel.
    const group = intAttribute(layer, "group", 1);
    const [ins, outs, per] = [dims[0]! / group, dims[1]!, elementCount(dims.slice(2))];
    return {
      channels: outs * group,
      channelOf: (position) => Math.floor(position / (per * outs * ins)) * outs + (Math.floor(position / per) % outs),
    };
  }
  if (floatAttribute(layer, "alpha", 1) !== 1 || floatAttribute(layer, "beta", 1) !== 1 || dims.length !== 2) return undefined;
  const transposed = intAttribute(layer, "transB", 0) === 1;
  return transposed
    ? { channels: dims[0]!, channelOf: (position) => Math.floor(position / dims[1]!) }
    : { channels: dims[1]!, channelOf: (position) => position % dims[1]! };
}

/** Conv(scale·x + shift) = Conv′(x) + Σ w·shift, where no padding brings in zeros that were not shifted. */
function foldForward(graph: Graph, node: GraphNode, { input, scale, shift }: Affine & { input: string }): boolean {
  const output = node.outputs[0]!;
  const conv = graph.consumers(output)[0];
  if (conv?.opType !== "Conv" || conv.domain !== "" || conv.inputs[0] !== output || !onlyReader(graph, output, conv)) return false;
  const padded = intsAttribute(conv, "pads", []).some((pad) => pad !== 0) || stringAttribute(conv, "auto_pad", "NOTSET").startsWith("SAME");
  const shifted = shift.some((value) => value !== 0);
  if (padded && shifted) return false;
  const weights = constantOf(graph, conv.inputs[1]);
  const bias = conv.inputs[2] ? constantOf(graph, conv.inputs[2]) : undefined;
  const w = floats(weights);
  if (!weights || !w || (conv.inputs[2] && !floats(bias)) || !alongChannels(constantInput(graph, node), weights.dims.length)) return false;
  const [outs, ins, per] = [weights.dims[0]!, weights.dims[1]!, elementCount(weights.dims.slice(2))];
  const group = intAttribute(conv, "group", 1);
  if (scale.length !== 1 && scale.length !== ins * group) return false;
  const scaled = new Float32Array(w.length);
  const added = Float64Array.from({ length: outs }, (_, c) => floats(bias)?.[c] ?? 0);
  for (let position = 0; position < w.length; position++) {
    const out = Math.floor(position / (per * ins));
    const channel = Math.floor(out / (outs / group)) * ins + (Math.floor(position / per) % ins);
    scaled[position] = w[position]! * scale[scale.length === 1 ? 0 : channel]!;
    added[out] = added[out]! + w[position]! * shift[shift.length === 1 ? 0 : channel]!;
  }
  conv.inputs[0] = input;
  conv.inputs[1] = addFloats(graph, conv.inputs[1]!, scaled, weights.dims);
  if (conv.inputs[2] || shifted) conv.inputs[2] = addFloats(graph, conv.inputs[2] || `${conv.name || conv.outputs[0]}_bias`, added);
  graph.valueInfo.delete(output);
  graph.removeNode(node);
  return true;
}

/** The layer makes what the node made. */
function takeOver(graph: Graph, layer: GraphNode, node: GraphNode): void {
  graph.valueInfo.delete(layer.outputs[0]!);
  layer.outputs[0] = node.outputs[0]!;
  // A layer that stood before the node's other inputs needs no new place: those are constants.
  graph.removeNode(node);
}
