import type { Graph } from "@octet/onnx/ir/graph";
import { type GraphNode, intAttribute, type Model } from "@octet/onnx/ir/model";
import { elementCount, type Tensor } from "@octet/onnx/ir/tensor";
import type { ValueState } from "@octet/onnx/ops/infer-context";
import { inferShapes, inferValues } from "@octet/onnx/ops/infer-shapes";
import { elementwiseOps, perChannelOps } from "@octet/onnx/ops/per-channel";
import { addInts, constantOf } from "@octet/onnx/passes/constants-of";

/**
 * What ONNX Runtime's integer convolutions on x64 (MlasConvSym) want of channels: inputs in multiples of 4, at least 16 outputs in
 * multiples of 8 (4 with AVX-512), depthwise ones in multiples of 16. Others copy their inputs into columns, multiply these into
 * 32 bits, and round in a pass of its own.
 */
const INPUTS = 4;
const OUTPUTS = 8;
const FEWEST_OUTPUTS = 16;
const DEPTHWISE = 16;
/** Channels are at most so many times as many: beyond that the padding costs more than the faster kernel saves. */
const MOST_PADDING = 2;

/** Float operators between Q and DQ, or without them, that leave a padded channel to itself. */
const perChannel = new Set(["QuantizeLinear", "DequantizeLinear", ...perChannelOps, "Resize"]);

/**
 * Gives channels of nothing to values that integer convolutions read or write where their fast kernel would not take them as
 * they are: weights of 0 on either side, so that results stay what they were. An image of three channels gets a fourth.
 * @param model with Q/DQ, for ONNX Runtime on x64. Says how many convolutions changed.
 */
export function padChannels(): (model: Model) => number {
  return (model) => {
    const states = inferValues(model);
    const padded = new Set<GraphNode>();
    padImage(model.graph, states, padded);
    for (const group of groupsOf(model.graph, states)) padGroup(model.graph, group, padded);
    if (padded.size === 0) return 0;
    model.graph.prune();
    model.graph.sort();
    inferShapes(model);
    return padded.size;
  };
}

/** Whether `padChannels` will give a convolution that reads this value more channels than its weights have now: then how many. */
export function paddedInputs(graph: Graph, value: string, channels: number): number {
  return graph.isInput(value) ? roundUp(channels, INPUTS) : channels;
}

/** Integer weights have a DequantizeLinear of constants before them. */
function integerWeights(graph: Graph, node: GraphNode): Tensor | null {
  const dequantize = graph.producer(node.inputs[1] ?? "");
  const weights = dequantize?.opType === "DequantizeLinear" ? constantOf(graph, dequantize.inputs[0]) : undefined;
  return weights?.dataType === "int8" ? weights : null;
}

const groupOf = (node: GraphNode): number => intAttribute(node, "group", 1);

/** The quantised image gets channels of its zero point, for each integer convolution that reads it. */
function padImage(graph: Graph, states: ReadonlyMap<string, ValueState>, padded: Set<GraphNode>): void {
  for (const quantize of graph.nodes.filter(({ opType, inputs }) => opType === "QuantizeLinear" && graph.isInput(inputs[0]!))) {
    const shape = states.get(quantize.inputs[0]!)?.shape;
    const channels = shape?.[1];
    if (shape?.length !== 4 || typeof channels !== "number" || channels % INPUTS === 0) continue;
    const [image] = quantize.outputs;
    const dequantizes = graph.consumers(image!).filter(({ opType }) => opType === "DequantizeLinear");
    const convolutions = dequantizes
      .flatMap(({ outputs }) => graph.consumers(outputs[0]!))
      .filter((node) => node.opType === "Conv" && groupOf(node) === 1 && integerWeights(graph, node));
    if (convolutions.length === 0) continue;
    const more = roundUp(channels, INPUTS) - channels;
    const wide = graph.freshName(`${image}_padded`);
    const pads = addInts(graph, `${image}_pads`, [0, 0, 0, 0, 0, more, 0, 0]);
    graph.addNode({ opType: "Pad", name: graph.freshName(`${wide}_Pad`), inputs: [image!, pads, quantize.inputs[2]!], outputs: [wide] });
    const dequantised = graph.freshName(`${wide}_dequantized`);
    graph.addNode({
      opType: "DequantizeLinear",
      name: graph.freshName(`${wide}_DequantizeLinear`),
      inputs: [wide, ...quantize.inputs.slice(1)],
      outputs: [dequantised],
    });
    for (const node of convolutions) {
      padWeights(graph, node, 1, channels + more);
      graph.setInput(node, 0, dequantised);
      padded.add(node);
    }
    graph.removeNodes(dequantizes.filter(({ outputs }) => graph.consumers(outputs[0]!).length === 0));
  }
}

/** Values whose channels are the same, with the convolutions that write and read them. */
interface ChannelGroup {
  channels: number;
  values: Set<string>;
  producers: GraphNode[];
  consumers: GraphNode[];
  /** Reads and writes values of the group. */
  depthwise: GraphNode[];
}

/** Only those that nothing but convolutions and operators on single channels has to do with. */
function groupsOf(graph: Graph, states: ReadonlyMap<string, ValueState>): ChannelGroup[] {
  const parents = new Map<string, string>();
  const find = (value: string): string => {
    const parent = parents.get(value) ?? value;
    return parent === value ? value : find(parent);
  };
  const closed = new Set<string>();
  const close = (values: readonly string[]) => {
    for (const value of values) if (value !== "" && !constantOf(graph, value)) closed.add(value);
  };
  const join = (values: readonly string[]) => {
    for (const value of values.slice(1)) parents.set(find(value), find(values[0]!));
  };
  const channelsOf = (value: string): number | null => {
    const dim = states.get(value)?.shape?.[1];
    return typeof dim === "number" ? dim : null;
  };
  const convolutions: GraphNode[] = [];
  const depthwise: GraphNode[] = [];
  close([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  for (const node of graph.nodes) {
    const { opType, inputs, outputs } = node;
    const data = inputs.filter((value) => value !== "" && !constantOf(graph, value));
    // Constants, and what is made of them: weights.
    if (data.length === 0 || (opType === "DequantizeLinear" && constantOf(graph, inputs[0]))) continue;
    const scalars = inputs.slice(1).every((value) => elementCount(constantOf(graph, value)?.dims ?? []) === 1);
    if (opType === "Conv" && paddableWeights(graph, node)) {
      if (groupOf(node) === 1) convolutions.push(node);
      else if (groupOf(node) === channelsOf(inputs[0]!) && groupOf(node) === channelsOf(outputs[0]!)) {
        depthwise.push(node);
        join([inputs[0]!, outputs[0]!]);
      } else close([inputs[0]!, ...outputs]);
    } else if (opType === "Resize" && channelsOf(inputs[0]!) === channelsOf(outputs[0]!)) {
      // Sizes would name the channels.
      if (inputs[3]) close([inputs[0]!, ...outputs]);
      else join([inputs[0]!, outputs[0]!]);
    } else if (perChannel.has(opType) && data.length === 1 && outputs.length === 1 && scalars) join([data[0]!, outputs[0]!]);
    else if (elementwiseOps.has(opType) && data.length === 2 && data.every((value) => channelsOf(value) === channelsOf(outputs[0]!)))
      join([...data, outputs[0]!]);
    else close([...data, ...outputs]);
  }
  const groups = new Map<string, ChannelGroup>();
  const groupFor = (value: string): ChannelGroup => {
    const root = find(value);
    const known = groups.get(root);
    if (known) return known;
    const made = { channels: channelsOf(value) ?? 0, values: new Set<string>(), producers: [], consumers: [], depthwise: [] };
    groups.set(root, made);
    return made;
  };
  for (const node of convolutions) {
    groupFor(node.inputs[0]!).consumers.push(node);
    groupFor(node.outputs[0]!).producers.push(node);
  }
  for (const node of depthwise) groupFor(node.inputs[0]!).depthwise.push(node);
  for (const node of graph.nodes) for (const value of node.outputs) if (groups.has(find(value))) groupFor(value).values.add(value);
  const shut = new Set([...closed].map(find));
  return [...groups].filter(([root, { channels }]) => !shut.has(root) && channels > 0).map(([, group]) => group);
}

/** Whether weights and bias are constants, so that channels can be added to them. */
function paddableWeights(graph: Graph, node: GraphNode): boolean {
  const known = (value: string | undefined): boolean => {
    if (!value || constantOf(graph, value)) return true;
    const dequantize = graph.producer(value);
    return dequantize?.opType === "DequantizeLinear" && dequantize.inputs.every((input) => constantOf(graph, input));
  };
  return node.inputs.slice(1).every(known);
}

function padGroup(graph: Graph, group: ChannelGroup, padded: Set<GraphNode>): void {
  const { channels, producers, consumers, depthwise } = group;
  // Weights of an odd number of channels are paired across places (`weightLevels`), and would be paired otherwise if there were more.
  if (channels % 2 === 1 || producers.length + depthwise.length === 0) return;
  const integer = (node: GraphNode) => integerWeights(graph, node) !== null;
  let wide = channels;
  if (producers.some(integer)) wide = Math.max(FEWEST_OUTPUTS, roundUp(wide, OUTPUTS));
  if (consumers.some(integer)) wide = roundUp(wide, INPUTS);
  if (depthwise.some(integer)) wide = roundUp(wide, DEPTHWISE);
  if (wide === channels || wide > MOST_PADDING * channels) return;
  for (const node of producers) padOutputs(graph, node, wide);
  for (const node of consumers) padWeights(graph, node, 1, wide);
  for (const node of depthwise) {
    padOutputs(graph, node, wide);
    node.attributes.set("group", { type: "int", value: BigInt(wide) });
  }
  for (const value of group.values) graph.valueInfo.delete(value);
  for (const node of [...producers, ...consumers, ...depthwise]) padded.add(node);
}

function padOutputs(graph: Graph, node: GraphNode, wide: number): void {
  padWeights(graph, node, 0, wide);
  if (node.inputs[2]) padConstant(graph, node, 2, 0, wide);
}

const padWeights = (graph: Graph, node: GraphNode, axis: 0 | 1, wide: number): void => padConstant(graph, node, 1, axis, wide);

/** Gives a node an own, wider copy of a constant input, or of what its DequantizeLinear reads. Added weights are 0, added scales like the first. */
function padConstant(graph: Graph, node: GraphNode, position: number, axis: 0 | 1, wide: number): void {
  const value = node.inputs[position]!;
  const constant = constantOf(graph, value);
  if (constant) {
    graph.setInput(node, position, added(graph, widened(constant, axis, wide, 0)));
    return;
  }
  const dequantize = graph.producer(value)!;
  const [data, scale, zeroPoint] = dequantize.inputs.map((input) => constantOf(graph, input)!) as [Tensor, Tensor, Tensor | undefined];
  const perOutput = axis === 0 && elementCount(scale.dims) > 1;
  const inputs = [added(graph, widened(data, axis, wide, 0))];
  for (const parameter of [scale, zeroPoint]) {
    if (!parameter) continue;
    inputs.push(perOutput ? added(graph, widened(parameter, 0, wide, Number(parameter.data[0]))) : parameter.name);
  }
  const output = graph.freshName(`${value}_padded`);
  graph.addNode({ ...dequantize, name: graph.freshName(`${dequantize.name}_padded`), inputs, outputs: [output] }, node);
  graph.setInput(node, position, output);
  if (graph.consumers(value).length === 0) graph.removeNode(dequantize);
}

function added(graph: Graph, tensor: Tensor): string {
  return graph.addInitializer({ ...tensor, name: graph.freshName(`${tensor.name}_padded`) }).name;
}

/** The tensor with `wide` slices along an axis, those at the end filled with `value`. */
function widened(tensor: Tensor, axis: 0 | 1, wide: number, value: number): Tensor {
  const dims = tensor.dims.map((dim, at) => (at === axis ? wide : dim));
  const outer = axis === 0 ? 1 : tensor.dims[0]!;
  const from = tensor.data as Int8Array;
  const data = new (from.constructor as new (length: number) => Int8Array)(elementCount(dims)).fill(value);
  const [short, long] = [from.length / outer, data.length / outer];
  for (let at = 0; at < outer; at++) data.set(from.subarray(at * short, (at + 1) * short), at * long);
  return { ...tensor, dims, data };
}

const roundUp = (count: number, multiple: number): number => Math.ceil(count / multiple) * multiple;
