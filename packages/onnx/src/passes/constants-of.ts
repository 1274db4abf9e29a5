import type { Graph } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { constantTensor } from "../ops/infer/constants.ts";

/** What a value is at every run: an initializer that no caller can replace, or what a Constant node holds. */
export function constantOf(graph: Graph, value: string | undefined): Tensor | undefined {
  if (!value) return undefined;
  const tensor = graph.initializers.get(value);
  if (tensor) return graph.isInput(value) ? undefined : tensor;
  const producer = graph.producer(value);
  return producer?.opType === "Constant" && producer.domain === "" ? constantTensor(producer) : undefined;
}

/** Adds a tensor of 64-bit integers under a fresh name, and gives the name. */
export function addInts(graph: Graph, hint: string, values: readonly (number | bigint)[], scalar = false): string {
  const name = graph.freshName(hint);
  graph.addInitializer({
    name,
    dataType: "int64",
    dims: scalar ? [] : [values.length],
    data: BigInt64Array.from(values, (value) => BigInt(value)),
  });
  return name;
}

/** Adds float32 values under a fresh name, and gives the name. */
export function addFloats(graph: Graph, hint: string, values: ArrayLike<number>, dims: number[] = [values.length]): string {
  const name = graph.freshName(hint);
  graph.addInitializer({ name, dataType: "float32", dims, data: Float32Array.from(values) });
  return name;
}
