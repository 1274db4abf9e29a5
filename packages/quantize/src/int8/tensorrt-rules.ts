import type { DataType } from "@octet/onnx/ir/data-type";
import type { Graph } from "@octet/onnx/ir/graph";
import { type GraphNode, intAttribute, type Model } from "@octet/onnx/ir/model";
import type { Tensor } from "@octet/onnx/ir/tensor";
import { constantOf } from "@octet/onnx/passes/constants-of";
import { weightedOps } from "./residual.ts";
import { type Finding, finding, quoted } from "./tensorrt-finding.ts";
import { surroundingFindings } from "./tensorrt-layer-rules.ts";

/** ONNX's and ONNX Runtime's operators on integers, besides QLinear…: all that a QOperator model is made of. */
const integerOps = new Set(["ConvInteger", "MatMulInteger", "DynamicQuantizeLinear"]);
/** Have integer kernels in TensorRT, or only move what an integer kernel reads. */
const integerReaders = new Set([
  ...weightedOps,
  "Add",
  "Concat",
  "MaxPool",
  "AveragePool",
  "GlobalAveragePool",
  "Resize",
  "Reshape",
  "Transpose",
  "Slice",
  "Split",
  "Squeeze",
  "Unsqueeze",
  "Flatten",
  "Pad",
  "Expand",
]);

/**
 * Holds a model with Q/DQ nodes, ours or another tool's, against what TensorRT's explicit quantisation asks for. The
 * rules are NVIDIA's ("Working with Quantized Types" in the developer guide); a model without findings is one that
 * TensorRT can fuse, which is not yet a measurement. Inner graphs are not looked into, and float residual additions only
 * where shapes are inferred.
 */
export function checkTensorRtRules(model: Model): Finding[] {
  const { graph } = model;
  const findings: Finding[] = [];
  const opset = model.opsets.get("") ?? 1;
  for (const node of graph.nodes) {
    if (integerOps.has(node.opType) || node.opType.startsWith("QLinear"))
      findings.push(finding("operator", "refused", [node], `${quoted(node)} is no operator of TensorRT, which takes Q/DQ pairs only`));
    if (node.opType === "QuantizeLinear" || node.opType === "DequantizeLinear") findings.push(...quantiserFindings(graph, node, opset));
    findings.push(...surroundingFindings(graph, node));
  }
  return findings;
}

function quantiserFindings(graph: Graph, node: GraphNode, opset: number): Finding[] {
  const found: Finding[] = [];
  const scale = constantOf(graph, node.inputs[1]);
  const zeroPoint = constantOf(graph, node.inputs[2]);
  const perAxis = scale !== undefined && scale.dims.length > 0 && scale.data.length > 1;
  if (perAxis && opset < 13)
    found.push(
      finding("opset", "refused", [node], `${quoted(node)} has a scale for each channel, which needs opset 13; the model has ${opset}`),
    );
  if (scale?.dataType === "float16" && opset < 19)
    found.push(finding("opset", "refused", [node], `${quoted(node)} has a float16 scale, which needs opset 19; the model has ${opset}`));
  if (!scale)
    found.push(finding("integer-type", "refused", [node], `${quoted(node)} takes its scale from a computation, not from a constant`));
  const type = integerType(graph, node, zeroPoint);
  if (type === "uint8")
    found.push(finding("integer-type", "wrong", [node], `${quoted(node)} uses uint8; TensorRT reads it as int8, and without saying so`));
  else if (type === "int32")
    found.push(finding("integer-type", "refused", [node], `${quoted(node)} gives an int32 bias; TensorRT wants biases in float`));
  if (zeroPoint && hasNonZero(zeroPoint))
    found.push(finding("zero-point", "refused", [node], `${quoted(node)} has a zero point other than 0`));
  if (node.opType === "DequantizeLinear") {
    const readers = graph.consumers(node.outputs[0]!);
    // What another Q reads is looked at there.
    const used = readers.some(({ opType }) => integerReaders.has(opType) || opType === "Cast" || opType === "QuantizeLinear");
    if (type !== "int32" && !used)
      found.push(
        finding(
          "no-integer-reader",
          "slow",
          [node],
          `Nothing that computes in integers reads what ${quoted(node)} gives: it rounds for nothing`,
        ),
      );
  }
  return found;
}

/** What a Q gives or a DQ takes; null where it cannot be told. */
function integerType(graph: Graph, node: GraphNode, zeroPoint: Tensor | undefined): DataType | null {
  if (zeroPoint) return zeroPoint.dataType;
  if (node.opType === "DequantizeLinear") {
    const data = constantOf(graph, node.inputs[0]);
    const quantise = graph.producer(node.inputs[0]!);
    return (
      data?.dataType ?? (quantise?.opType === "QuantizeLinear" ? integerType(graph, quantise, constantOf(graph, quantise.inputs[2])) : null)
    );
  }
  // Without a zero point, the standard says uint8 unless output_dtype (opset 21) says another.
  return node.inputs[2] || intAttribute(node, "output_dtype", 0) !== 0 ? null : "uint8";
}

const hasNonZero = ({ data }: Tensor): boolean => [...(data as Iterable<number | bigint | string>)].some((value) => Number(value) !== 0);
