import type { Graph } from "@octet/onnx/ir/graph";
import { type GraphNode, intAttribute } from "@octet/onnx/ir/model";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { gateOf, skipInputOf, weightedOps } from "./residual.ts";
import { type Finding, finding, quoted } from "./tensorrt-finding.ts";

const activations = new Set(["Relu", "Clip", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish"]);
const sharing = new Set(["Concat", "MaxPool", "Resize"]);

/** What is wrong with the Q/DQ around one node that is no Q and no DQ. */
export function surroundingFindings(graph: Graph, node: GraphNode): Finding[] {
  return [
    ...(weightedOps.has(node.opType) ? layerFindings(graph, node) : []),
    ...(sharing.has(node.opType) ? scaleFindings(graph, node) : []),
    ...(node.opType === "Add" ? residualFindings(graph, node) : []),
    ...activationFindings(graph, node),
  ];
}

const dequantiserOf = (graph: Graph, value: string | undefined): GraphNode | null => {
  const node = value ? graph.producer(value) : undefined;
  return node?.opType === "DequantizeLinear" ? node : null;
};

function layerFindings(graph: Graph, node: GraphNode): Finding[] {
  const found: Finding[] = [];
  for (const input of node.inputs.slice(0, 2)) {
    const cast = graph.producer(input);
    const dequantise = cast?.opType === "Cast" ? dequantiserOf(graph, cast.inputs[0]) : null;
    if (cast && dequantise)
      found.push(
        finding(
          "cast",
          "slow",
          [cast, dequantise, node],
          `Cast "${cast.name}" stands between a dequantisation and ${quoted(node)}, which stays float`,
        ),
      );
  }
  const [input, weights] = [dequantiserOf(graph, node.inputs[0]), dequantiserOf(graph, node.inputs[1])];
  if (input && !weights && constantOf(graph, node.inputs[1]))
    found.push(finding("float-weights", "slow", [node], `${quoted(node)} reads int8, but its weights are float: it stays float`));
  if (!input && weights && constantOf(graph, weights.inputs[0]))
    found.push(finding("float-input", "slow", [node], `${quoted(node)} has int8 weights, but reads float: it stays float`));
  if (weights && constantOf(graph, weights.inputs[0])) {
    const scale = constantOf(graph, weights.inputs[1]);
    const rank = constantOf(graph, weights.inputs[0])!.dims.length;
    const wanted = channelAxis(node, rank);
    const axis = intAttribute(weights, "axis", 1);
    if (scale && scale.data.length > 1 && (axis < 0 ? axis + rank : axis) !== wanted)
      found.push(
        finding(
          "weight-axis",
          "refused",
          [weights, node],
          `The weights of ${quoted(node)} have scales along axis ${axis}; its output channels are on axis ${wanted}`,
        ),
      );
  }
  const scale = input && constantOf(graph, input.inputs[1]);
  if (input && scale && scale.data.length > 1)
    found.push(
      finding("weight-axis", "refused", [input, node], `What ${quoted(node)} reads has a scale for each channel; activations take one`),
    );
  return found;
}

function channelAxis(node: GraphNode, rank: number): number {
  if (node.opType === "Conv") return 0;
  if (node.opType === "ConvTranspose") return 1;
  if (node.opType === "Gemm") return intAttribute(node, "transB", 0) === 1 ? 0 : 1;
  return rank - 1;
}

/** All Q/DQ around Concat, MaxPool and Resize have one scale, or none can be moved over them. */
function scaleFindings(graph: Graph, node: GraphNode): Finding[] {
  const data = node.opType === "Concat" ? node.inputs : node.inputs.slice(0, 1);
  const before = data.map((input) => dequantiserOf(graph, input)).filter((found) => found !== null);
  const after = graph.consumers(node.outputs[0]!).filter(({ opType }) => opType === "QuantizeLinear");
  const around = [...before, ...after];
  const scaleOf = (each: GraphNode): number | null => {
    const scale = constantOf(graph, each.inputs[1]);
    return scale ? Number(scale.data[0]) : null;
  };
  const scales = new Set(around.map(scaleOf));
  if (before.length === 0 || scales.size < 2) return [];
  return [
    finding(
      "shared-scale",
      "slow",
      [node, ...around],
      `${quoted(node)} has ${scales.size} scales around it; it stays float unless there is one`,
    ),
  ];
}

/** Conv → Q → DQ → activation, or a Q/DQ inside x·sigmoid(x). */
function activationFindings(graph: Graph, node: GraphNode): Finding[] {
  const found: Finding[] = [];
  if (activations.has(node.opType)) {
    const dequantise = dequantiserOf(graph, node.inputs[0]);
    const source = dequantise && sourceOf(graph, dequantise);
    const layer = source && graph.producer(source);
    if (dequantise && layer && weightedOps.has(layer.opType))
      found.push(
        finding(
          "activation",
          "slow",
          [dequantise, layer, node],
          `A Q/DQ stands between ${quoted(layer)} and ${quoted(node)}, which can then not be one kernel`,
        ),
      );
  }
  if (node.opType === "Mul" && !gateOf(graph, node)) {
    for (const input of node.inputs) {
      const dequantise = dequantiserOf(graph, input);
      const gate = dequantise && graph.producer(sourceOf(graph, dequantise) ?? "");
      if (dequantise && (gate?.opType === "Sigmoid" || gate?.opType === "HardSigmoid"))
        found.push(
          finding(
            "activation",
            "slow",
            [dequantise, gate, node],
            `A Q/DQ stands between ${quoted(gate)} and ${quoted(node)}: the activation can then not be part of a kernel`,
          ),
        );
    }
  }
  return found;
}

/** The value that was quantised before it was dequantised. */
function sourceOf(graph: Graph, dequantise: GraphNode): string | null {
  const quantise = graph.producer(dequantise.inputs[0]!);
  return quantise?.opType === "QuantizeLinear" ? quantise.inputs[0]! : null;
}

/** Conv → Q → DQ → Add: the branch that could be added in the kernel. Of a residual addition only the other one wants a Q/DQ. */
function residualFindings(graph: Graph, node: GraphNode): Finding[] {
  const dequantisers = node.inputs.map((input) => dequantiserOf(graph, input));
  const [a, b] = dequantisers;
  const isInteger = (layer: GraphNode) => dequantiserOf(graph, layer.inputs[0]) !== null;
  const skip = skipInputOf(graph, node, isInteger);
  if (skip !== null && !dequantiserOf(graph, skip))
    return [finding("residual", "slow", [node], `The skip branch of ${quoted(node)} is float; its kernel takes int8`)];
  if (!a || !b) return [];
  const layers = [a, b].map((each) => graph.producer(sourceOf(graph, each) ?? ""));
  const layer = layers.find((each) => each !== undefined && weightedOps.has(each.opType));
  const between = layer && [a, b][layers.indexOf(layer)]!;
  return layer && between
    ? [
        finding(
          "residual",
          "slow",
          [between, layer, node],
          `A Q/DQ stands between ${quoted(layer)} and ${quoted(node)}; only the skip branch wants one`,
        ),
      ]
    : [];
}
