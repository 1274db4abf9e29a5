import type { GraphNode } from "@octet/onnx/ir/model";

export type TensorRtRule =
  | "opset"
  | "operator"
  | "integer-type"
  | "zero-point"
  | "weight-axis"
  | "float-weights"
  | "float-input"
  | "activation"
  | "residual"
  | "shared-scale"
  | "cast"
  | "no-integer-reader";

export interface Finding {
  rule: TensorRtRule;
  /** TensorRT refuses the model; builds it and computes something else; or builds it and is slower than need be. */
  severity: "refused" | "wrong" | "slow";
  /** Names of the nodes that break the rule together, the one to look at first. */
  nodes: string[];
  message: string;
}

export const finding = (rule: TensorRtRule, severity: Finding["severity"], nodes: readonly GraphNode[], message: string): Finding => ({
  rule,
  severity,
  nodes: nodes.map(({ name }) => name),
  message,
});

export const quoted = ({ name, opType }: GraphNode): string => `${opType} "${name}"`;
