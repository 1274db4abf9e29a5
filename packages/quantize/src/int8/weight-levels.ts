import type { GraphNode } from "@octet/onnx/ir/model";
import type { Tensor } from "@octet/onnx/ir/tensor";
import type { WeightBits } from "@octet/shared/domain/weight-bits";
import type { WeightPairs } from "../numeric/weight-pairs.ts";

export interface WeightLevels {
  bits: 7 | 8;
  pairs: WeightPairs | null;
}

/**
 * Which levels a node's weights may have. Where they are paired, by what ONNX Runtime's x64 kernels add in 16 bits: a
 * convolution's weights lie as [M, kH, kW, C/group] there and are taken two by two; a depthwise one adds in 32 bits, so that
 * it takes all 8. Weights whose output channels lie on another axis than the first have 7 bits instead.
 * @param inputs channels that the weights will have by then (`paddedInputs`)
 */
export function weightLevels(node: GraphNode, { dims }: Tensor, bits: WeightBits, inputs: number): WeightLevels {
  if (bits !== "paired") return { bits, pairs: null };
  if (node.opType === "Gemm") {
    const transposed = node.attributes.get("transB");
    return transposed?.type === "int" && transposed.value === 1n ? { bits: 8, pairs: adjacent(1, dims[1]!) } : { bits: 7, pairs: null };
  }
  if (node.opType !== "Conv") return { bits: 7, pairs: null };
  const group = node.attributes.get("group");
  const groups = group?.type === "int" ? Number(group.value) : 1;
  const places = dims.slice(2).reduce((product, dim) => product * dim, 1);
  if (groups > 1 && groups === dims[0] && dims[1] === 1) return { bits: 8, pairs: null };
  return { bits: 8, pairs: adjacent(dims[1]!, places, groups === 1 ? inputs : dims[1]!) };
}

/** Pairs of weights [channels, places] that lie side by side once they are [places, padded], those above `channels` being 0. */
function adjacent(channels: number, places: number, padded = channels): WeightPairs {
  const pairs = new Int32Array(channels * places).fill(-1);
  const index = (at: number) => (at % padded < channels ? (at % padded) * places + Math.floor(at / padded) : null);
  for (let at = 0; at + 1 < padded * places; at += 2) {
    const [first, second] = [index(at), index(at + 1)];
    if (first === null || second === null) continue;
    pairs[first] = second;
    pairs[second] = first;
  }
  return pairs;
}
