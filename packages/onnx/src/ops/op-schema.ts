import type { Attribute } from "../ir/model.ts";
import type { InferContext } from "./infer-context.ts";

type AttributeType = Exclude<Attribute["type"], "raw">;

/**
 * What is known of one operator of ONNX's own domain. Counts of inputs and outputs span all opsets from 7 on: what moved from
 * an attribute to an input counts as both.
 */
export interface OpSchema {
  /** The opset that it came with, and the one that took it away. */
  since: number;
  until?: number;
  inputs: readonly [least: number, most: number];
  outputs: readonly [least: number, most: number];
  attributes: Readonly<Record<string, AttributeType>>;
  infer: (context: InferContext) => void;
}

interface OpOptions {
  since?: number;
  until?: number;
  outputs?: readonly [number, number];
  attributes?: Readonly<Record<string, AttributeType>>;
}

/** Of one op: how many inputs, how its output follows from them, and the rest where it is not the usual. */
export function op(inputs: number | readonly [number, number], infer: OpSchema["infer"], options: OpOptions = {}): OpSchema {
  const { since = 1, until, outputs = [1, 1], attributes = {} } = options;
  return {
    since,
    ...(until === undefined ? {} : { until }),
    inputs: typeof inputs === "number" ? [inputs, inputs] : inputs,
    outputs,
    attributes,
    infer,
  };
}
