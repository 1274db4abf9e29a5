import { dataTypeNumbers } from "@octet/onnx/ir/data-type";
import type { Graph } from "@octet/onnx/ir/graph";
import type { Model } from "@octet/onnx/ir/model";
import type { Tensor } from "@octet/onnx/ir/tensor";
import { inferValues } from "@octet/onnx/ops/infer-shapes";
import { dropInitializerInputs } from "@octet/onnx/passes/initializer-inputs";
import { AppError } from "@octet/shared/errors";
import type { Range } from "../calibrate/range-observer.ts";
import { float16Max, toFloat16 } from "../numeric/float16.ts";
import { constantsToInitializers } from "./constants-to-initializers.ts";
import { type ClampCounts, type ClampLimits, clamped } from "./initializer-range.ts";
import { defaultBlockedOps, planPrecision, staysFloat32, touchesFloat32 } from "./precision-plan.ts";
import { PrecisionRouter } from "./precision-router.ts";

export interface Fp16Options {
  /** Whether the model's inputs and outputs stay float32, by casts at the border. Default true. */
  keepIoTypes?: boolean;
  /** Operators that stay float32. Default `defaultBlockedOps`. */
  blockedOps?: readonly string[];
  /** Names of nodes that stay float32. */
  blockedNodes?: readonly string[];
  /** Whether what follows the last convolutions, a detector's decoding, stays float32. Default true. */
  keepDecode?: boolean;
  /**
   * Moves the magnitudes of constants into these limits (onnxconverter-common: 1e-7 and 1e4) instead of keeping the
   * nodes that they do not fit in float32. Default off: rounding loses less.
   */
  clamp?: ClampLimits | null;
  /** Observed ranges by value: a node that reads or makes a value which leaves float16's range stays float32. */
  ranges?: ReadonlyMap<string, Range>;
  /** How many times larger than the observed ones values may get. Default 2. */
  headroom?: number;
}

export interface Fp16Report {
  converted: number;
  kept: { node: string; opType: string; reason: string }[];
  casts: number;
  clamped: ClampCounts;
}

/**
 * Turns the float32 part of a model into float16, in place. Each value has one type, its producer's; where a reader wants
 * the other, one Cast serves all such readers, so no pair of casts can arise. Nodes with inner graphs stay float32 with
 * all that is in them. Initializers that were listed as inputs no longer are.
 * @throws AppError MODEL_UNSUPPORTED below opset 7, MODEL_INVALID where the graph contradicts itself
 */
export function convertToFp16(model: Model, options: Fp16Options = {}): Fp16Report {
  const {
    keepIoTypes = true,
    blockedOps = defaultBlockedOps,
    blockedNodes = [],
    keepDecode = true,
    clamp = null,
    ranges = new Map(),
    headroom = 2,
  } = options;
  const opset = model.opsets.get("") ?? 1;
  if (opset < 7) {
    throw new AppError("MODEL_UNSUPPORTED", `The model is of opset ${opset}; float16 needs 7 or newer`, {
      hint: "Export it again with a newer opset.",
    });
  }
  const { graph } = model;
  dropInitializerInputs()(model);
  constantsToInitializers(model);
  const states = inferValues(model);
  const kept = planPrecision(model, states, { keepDecode, blockedOps, blockedNodes, ranges, headroom, clamps: clamp !== null });
  const counts: ClampCounts = { raised: 0, lowered: 0 };
  const toHalf = (tensor: Tensor, name: string): Tensor => ({
    ...tensor,
    name,
    dataType: "float16",
    data: toFloat16(saturated(clamp ? clamped(tensor.data as Float32Array, clamp, counts) : (tensor.data as Float32Array))),
  });
  const router = new PrecisionRouter(graph, states, toHalf);
  let converted = 0;
  for (const input of graph.inputs) {
    if (keepIoTypes || input.dataType !== "float32") continue;
    input.dataType = "float16";
    router.setHome(input.name, "float16");
  }
  for (const node of [...graph.nodes]) {
    if (!touchesFloat32(node, states)) continue;
    const half = !kept.has(node);
    if (half) converted++;
    for (const [position, input] of node.inputs.entries()) {
      // A Cast takes what comes; one from float32 to integers is as good from float16 only where that is the value's type.
      if (node.opType === "Cast" && node.domain === "" && !graph.initializers.has(input)) continue;
      if (states.get(input)?.dataType !== "float32") continue;
      node.inputs[position] = router.read(input, half && !staysFloat32(node, position) ? "float16" : "float32", node);
    }
    if (!half) router.castInnerReads(node);
    for (const output of node.outputs) {
      if (states.get(output)?.dataType === "float32") router.setHome(output, half ? "float16" : "float32");
    }
    if (half && states.get(node.outputs[0] ?? "")?.dataType === "float32") retype(node, toHalf);
  }
  graph.changed();
  router.finishOutputs(keepIoTypes ? "float32" : "float16");
  const casts = router.finish();
  return {
    converted,
    kept: [...kept].map(([{ name, opType }, reason]) => ({ node: name, opType, reason })),
    casts,
    clamped: counts,
  };
}

/** Attributes that say which type the output has. */
function retype({ opType, attributes }: Graph["nodes"][number], toHalf: (tensor: Tensor, name: string) => Tensor): void {
  if (opType === "Cast") attributes.set("to", { type: "int", value: BigInt(dataTypeNumbers.float16) });
  if (opType === "ConstantOfShape") {
    const value = attributes.get("value");
    const tensor: Tensor =
      value?.type === "tensor" ? value.value : { name: "value", dataType: "float32", dims: [1], data: new Float32Array(1) };
    attributes.set("value", { type: "tensor", value: toHalf(tensor, tensor.name) });
  }
  if ((opType === "DequantizeLinear" || opType === "QuantizeLinear") && attributes.get("precision")?.type === "int")
    attributes.delete("precision");
  if (opType === "DequantizeLinear" && attributes.has("output_dtype")) {
    attributes.set("output_dtype", { type: "int", value: BigInt(dataTypeNumbers.float16) });
  }
}

/** Finite stays finite: what gets here beyond the range is a bound, for which the largest number does as well. */
function saturated(values: Float32Array): Float32Array {
  if (!values.some((value) => Math.abs(value) > float16Max && Number.isFinite(value))) return values;
  return values.map((value) => (Number.isFinite(value) ? Math.max(-float16Max, Math.min(float16Max, value)) : value));
}
